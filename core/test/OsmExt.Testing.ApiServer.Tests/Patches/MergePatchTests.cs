using System.Text.Json.Nodes;
using CsCheck;
using OsmExt.Testing.ApiServer.Patches;

namespace OsmExt.Testing.ApiServer.Tests.Patches;

public class MergePatchTests
{
    // RFC 7386, appendix A.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"a":"foo"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Patches_are_merged(string document, string patch, string expected)
        => Json.Same(JsonNode.Parse(expected), MergePatch.Apply(JsonNode.Parse(document), JsonNode.Parse(patch)));

    [Fact]
    public void The_difference_of_two_documents_leads_from_one_to_the_other()
        => Gen.Select(Documents.Any, Documents.Any).Sample((from, to) => JsonNode.DeepEquals(to, MergePatch.Apply(from, MergePatch.Between(from, to))));
}
