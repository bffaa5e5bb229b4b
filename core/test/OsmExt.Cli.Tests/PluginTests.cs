namespace OsmExt.Cli.Tests;

public sealed class PluginTests : IDisposable
{
    private const string Objects = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: test.osmext.io/v1
        kind: Script
        metadata: {name: a, namespace: shop}
        spec: {code: x}
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("osm-cli-plugins-");

    public PluginTests()
    {
        Write("plugins/lua/plugin.yaml", """
            id: lua
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: open
            resources:
            - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
            contributions:
            - {name: code, point: http-filter, direction: inbound, for: Script, template: lua.scriban}
            """);
        Write("plugins/lua/schema.yaml", "type: object\nproperties:\n  code: {type: string}\n");
        Write("plugins/lua/lua.scriban", "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\ndefault_source_code: {inline_string: {{ spec.code }}}\n");
        Write("mesh.yaml", Objects);
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Good_plugins_are_valid_and_listed_with_their_digest()
    {
        var valid = await Osm.RunAsync("plugin", "validate", PathOf("plugins"), "--config", PathOf("mesh.yaml"));
        var list = await Osm.RunAsync("plugin", "list", PathOf("plugins"));

        Assert.Equal((0, "1 of 1 plugins can be used\n"), (valid.ExitCode, valid.Output));
        Assert.StartsWith("lua 1.0.0  sha256:", list.Output, StringComparison.Ordinal);
        Assert.Contains("contributes code: inbound http-filter, stage traffic", list.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plugins/lua/plugin.yaml", "failure: sometimes", "lua/plugin.yaml:1:10: error OSM4001: failure: \"sometimes\" is not known here")]
    [InlineData("plugins/lua/lua.scriban", "a: {{ if }}", "lua/lua.scriban:1:")]
    [InlineData("plugins/lua/lua.scriban", "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\ndefault_source: {}\n", "lua/lua.scriban:2: error OSM4003: Script shop/a default_source")]
    [InlineData("mesh.yaml", "apiVersion: test.osmext.io/v1\nkind: Script\nmetadata: {name: a, namespace: shop}\nspec: {cod: x}\n", "mesh.yaml:4:8: error OSM1003: Script shop/a spec.cod")]
    public async Task What_is_wrong_is_told_with_its_place(string file, string text, string finding)
    {
        Write(file, text);

        var run = await Osm.RunAsync("plugin", "validate", PathOf("plugins/lua"), "--config", PathOf("mesh.yaml"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(finding, run.Output, StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_root.FullName, name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }
}
