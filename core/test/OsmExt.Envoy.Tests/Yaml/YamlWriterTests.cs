using System.Text.Json.Nodes;
using OsmExt.Yaml;

namespace OsmExt.Envoy.Tests.Yaml;

public class YamlWriterTests
{
    [Fact]
    public void Prints_as_people_write()
    {
        var tree = JsonNode.Parse("""
            {
              "name": "bookstore", "replicas": 3, "ratio": 1.5, "big": 1e22, "on": true, "nothing": null, "no": {}, "none": [],
              "labels": {"app": "bookstore", "version": "1.10", "a.b/c": "yes"},
              "addresses": ["10.0.0.1", "fd00::1", "*"],
              "containers": [{"name": "app", "args": ["-v", "--log=info"]}, [1, [2]], {}],
              "script": "if a:\n  b\n", "chomped": "a\nb", "kept": "a\n\n", "indented": " a\nb", "quoted": "say \"hi\"\\"
            }
            """);

        Assert.Equal(
            """
            name: bookstore
            replicas: 3
            ratio: 1.5
            big: 1.0e22
            "on": true
            nothing: null
            "no": {}
            none: []
            labels:
              app: bookstore
              version: "1.10"
              a.b/c: "yes"
            addresses:
            - 10.0.0.1
            - fd00::1
            - "*"
            containers:
            - name: app
              args:
              - "-v"
              - "--log=info"
            - - 1
              - - 2
            - {}
            script: |
              if a:
                b
            chomped: |-
              a
              b
            kept: |+
              a

            indented: " a\nb"
            quoted: "say \"hi\"\\"

            """.ReplaceLineEndings("\n"),
            YamlWriter.Write(tree));
    }

    [Theory]
    [InlineData("null", "null\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("\"a\\nb\\n\"", "|\n  a\n  b\n")]
    [InlineData("[{\"a\": [1]}]", "- a:\n  - 1\n")]
    public void Any_node_can_be_the_document(string json, string yaml) => Assert.Equal(yaml, YamlWriter.Write(JsonNode.Parse(json)));

    [Theory]
    [InlineData("012")]
    [InlineData("0o14")]
    [InlineData("1_000")]
    [InlineData("190:20:30")]
    [InlineData("2001-12-14")]
    [InlineData("1e3")]
    [InlineData(".inf")]
    [InlineData("Off")]
    [InlineData("~")]
    [InlineData("=")]
    [InlineData("<<")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("trailing ")]
    [InlineData("trailing:")]
    [InlineData("")]
    public void What_some_reader_takes_for_something_else_is_quoted(string text)
    {
        Assert.Equal($"\"{text}\"\n", YamlWriter.Write(JsonValue.Create(text)));
        Assert.Equal($"\"{text}\": 1\n", YamlWriter.Write(new JsonObject { [text] = 1 }));
    }
}
