using OsmExt.Sdk.Diagnostics;

namespace OsmExt.PluginHost.Tests;

public sealed class ManifestTests : IDisposable
{
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plugin_of_templates_is_loaded()
    {
        var set = _folder.Write().Load();

        Assert.Empty(set.Diagnostics);
        Assert.Equal("lua", Assert.Single(set.Plugins).Id);
        Assert.Equal("Script", Assert.Single(set.Kinds).Kind);
    }

    [Theory]
    [InlineData("failure: open", "failure: opne", "failure", 5, "Did you mean \"open\"")]
    [InlineData("failure: open", "failure: open\ngrants: [call-hosts]", "grants", 6, "Possible fields are")]
    [InlineData("version: 1.0.0", "versoin: 1.0.0", "versoin", 2, "Did you mean \"version\"")]
    [InlineData("version: 1.0.0", "version: 1.0", "version", 2, "Write three numbers")]
    [InlineData("id: lua", "id: Lua", "id", 1, "lower-case letters")]
    [InlineData("\">=1.36\"", "\"1.36\"", "envoy", 4, "conditions that must all hold")]
    [InlineData("point: http-filter", "point: http-fliter", "contributions[0].point", 9, "Did you mean \"http-filter\"")]
    [InlineData("for: Script", "for: Scrpit", "contributions[0].for", 9, "Name one of its resources")]
    [InlineData("for: Script,", "for: Script, stage: terminal,", "contributions[0].stage", 9, "Use an earlier stage")]
    [InlineData("for: Script,", "for: Script, stage: authentication,", "capabilities", 1, "Ask for it in capabilities")]
    [InlineData("lua.scriban", "../lua.scriban", "contributions[0].template", 9, "Name a file of the plugin's folder")]
    [InlineData("failure: open", "failure: open\nreads: [HTTPRouteGruop]", "reads", 6, "Did you mean \"HTTPRouteGroup\"")]
    [InlineData("schema: schema.yaml", "schema: other.yaml", "resources[0].schema", 7, "Put it beside plugin.yaml")]
    [InlineData("\">=0.1 <0.2\"", "\">=9.0\"", "sdk", 0, "Use a version of the plugin that works with this one")]
    public void A_mistake_is_told_with_its_place_and_what_to_do(string right, string wrong, string field, int line, string advice)
    {
        var set = _folder.Write(manifest: PluginFolder.Manifest.Replace(right, wrong, StringComparison.Ordinal)).Load();

        Assert.Empty(set.Plugins);
        var finding = Assert.Single(set.Diagnostics, finding => finding.Field == field);
        Assert.Equal((DiagnosticCodes.PluginNotLoaded, Severity.Error), (finding.Code, finding.Severity));
        Assert.Equal("lua/plugin.yaml", finding.Location!.File);
        Assert.Equal(line, finding.Location.Line);
        Assert.Contains(advice, finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_a_schema_is_told_with_its_line()
    {
        var set = _folder.Write(schema: "type: object\nproperties:\n  a: {type: strnig}").Load();

        var finding = Assert.Single(set.Diagnostics);
        Assert.Contains("schema.yaml:3:", finding.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean \"string\"", finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_does_not_parse_is_told_with_its_line()
    {
        var set = _folder.Write(template: "a: 1\nb: {{ if }}").Load();

        Assert.All(set.Diagnostics, finding => Assert.Equal(("lua/lua.scriban", 2), (finding.Location!.File, (int)finding.Location.Line)));
        Assert.NotEmpty(set.Diagnostics);
        Assert.Empty(set.Plugins);
    }

    [Fact]
    public void Two_plugins_of_one_id_are_one_and_a_finding()
    {
        var set = _folder.Write("a").Write("b").Load();

        Assert.Single(set.Plugins);
        Assert.Equal("b/plugin.yaml", Assert.Single(set.Diagnostics).Location!.File);
    }

    [Fact]
    public void What_nobody_granted_is_refused()
    {
        var manifest = PluginFolder.Manifest + "\n- {name: host, point: cluster, direction: outbound, for: Script, template: lua.scriban}\ncapabilities: [call-hosts]\n";

        Assert.Contains("call-hosts, which nobody has granted", Assert.Single(_folder.Write(manifest: manifest).Load().Diagnostics).Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Policy("plugins: {lua: {grants: [call-hosts]}}").Load().Diagnostics);
        Assert.Contains("disabled", Assert.Single(_folder.Policy("plugins: {lua: {enabled: false}}").Load().Diagnostics).Message, StringComparison.Ordinal);
        Assert.Single(_folder.Policy("plugins: {other: {}}\nonlyListed: true").Load().Diagnostics);
    }

    [Fact]
    public void A_pinned_digest_is_of_all_files()
    {
        var digest = Assert.Single(_folder.Write().Load().Plugins).Digest;
        _folder.Policy($"plugins: {{lua: {{digest: \"{digest}\"}}}}");
        Assert.Single(_folder.Load().Plugins);

        File.AppendAllText(Path.Combine(_folder.Root, "lua", "lua.scriban"), "# more");

        Assert.Empty(_folder.Load().Plugins);
    }

    [Fact]
    public void A_policy_that_cannot_be_read_lets_nothing_in()
        => Assert.Empty(_folder.Write().Policy("plugins: {lua: {grant: []}}").Load().Plugins);
}
