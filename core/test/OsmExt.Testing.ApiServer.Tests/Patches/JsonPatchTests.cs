using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Patches;

namespace OsmExt.Testing.ApiServer.Tests.Patches;

public class JsonPatchTests
{
    // Most of these are the examples of RFC 6902, appendix A.
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/child","value":{"grandchild":{}}}]""", """{"foo":"bar","child":{"grandchild":{}}}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"replace","path":"/~1","value":8}]""", """{"/":8,"~1":10}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc","def"]}]""", """{"foo":["bar",["abc","def"]]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"copy","from":"/foo/0","path":"/foo/-"},{"op":"replace","path":"/foo/0","value":null}]""", """{"foo":[null,"bar"]}""")]
    [InlineData("""{"foo":1}""", """[{"op":"replace","path":"","value":{"bar":2}}]""", """{"bar":2}""")]
    [InlineData("""{"foo":1}""", """[{"op":"test","path":"/absent","value":null}]""", """{"foo":1}""")]
    public void Operations_are_carried_out(string document, string patch, string expected)
    {
        var given = JsonNode.Parse(document);
        Json.Same(JsonNode.Parse(expected), JsonPatch.Apply(given, JsonNode.Parse(patch)));
        Json.Same(JsonNode.Parse(document), given);
    }

    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"test","path":"/foo","value":"baz"}]""", 422)]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz/bat","value":"qux"}]""", 422)]
    [InlineData("""{"foo":[1]}""", """[{"op":"add","path":"/foo/2","value":2}]""", 422)]
    [InlineData("""{"foo":[1]}""", """[{"op":"remove","path":"/foo/01"}]""", 422)]
    [InlineData("""{"foo":[1]}""", """[{"op":"remove","path":"/bar"}]""", 422)]
    [InlineData("""{"foo":[1]}""", """[{"op":"replace","path":"/bar","value":1}]""", 422)]
    [InlineData("""{"foo":{"bar":1}}""", """[{"op":"move","from":"/foo","path":"/foo/bar"}]""", 422)]
    [InlineData("""{"foo":1}""", """[{"op":"copy","from":"/bar","path":"/foo"}]""", 422)]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"foo","value":1}]""", 400)]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"/foo"}]""", 400)]
    [InlineData("""{"foo":1}""", """[{"op":"sing","path":"/foo"}]""", 400)]
    [InlineData("""{"foo":1}""", """{"foo":2}""", 400)]
    public void What_cannot_be_carried_out_is_refused(string document, string patch, int code)
        => Assert.Equal(code, Assert.Throws<Refusal>(() => JsonPatch.Apply(JsonNode.Parse(document), JsonNode.Parse(patch))).Code);
}
