using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

public sealed class ConversionTests : IDisposable
{
    private const string Kind = "versions: [v1], schema: schema.yaml}";
    private const string Converted = "versions: [v1, v1beta1, v1alpha1], schema: schema.yaml, conversions: [{version: v1alpha1, schema: old.yaml, toFirst: up.scriban, fromFirst: down.scriban}]}";
    private const string Old = "type: object\nproperties:\n  script: {type: string, default: \"-- old\"}\n  colour: {type: string}\n";
    private const string Up = "code: {{ spec.script }}\nmany: [{{ kind }}]\n";
    private const string Down = "script: {{ spec.code }}\n";

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_older_object_is_what_its_plugin_works_with()
    {
        var contributions = PluginFolder.Contribute(Load(), Script("a", "v1alpha1", "{script: -- a}") + Script("b", "v1alpha1", "{}", "other") + Script("c", "v1beta1", "{code: -- c}", "third"));

        Assert.Empty(contributions.Diagnostics.Where(finding => finding.Code != DiagnosticCodes.MatchesNothing));
        foreach (var (ns, code) in new[] { ("shop", "-- a"), ("other", "-- old"), ("third", "-- c") })
        {
            Assert.Contains(code, Code(contributions.For(PluginFolder.Scope(ns))), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_lost_on_the_way_is_told()
    {
        var finding = Assert.Single(PluginFolder.Contribute(Load(), Script("a", "v1alpha1", "{colour: red}")).Diagnostics, finding => finding.Code == DiagnosticCodes.LostInConversion);

        Assert.Equal(("Script shop/a", "spec.colour", Severity.Warning), (finding.Object.ToString(), finding.Field, finding.Severity));
        Assert.Contains("from version v1alpha1 to v1", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("code: {{ spec.nothing.more }}", "up.scriban:1:")]
    [InlineData("code: [1]", "no Script of version v1: code: Expected string")]
    [InlineData("cod: x", "no Script of version v1: cod: There is no such field")]
    [InlineData("code: [", "up.scriban:1:")]
    public void What_cannot_be_converted_is_refused_and_holds_the_proxies_of_a_closed_plugin(string up, string reason)
    {
        var set = Load(up, failure: "closed");

        var contributions = PluginFolder.Contribute(set, Script("a", "v1alpha1", "{}") + Script("b", "v1", "{}", "other"));

        var finding = Assert.Single(contributions.Diagnostics, finding => finding.Code == DiagnosticCodes.NotConverted);
        Assert.Equal(("Script shop/a", Severity.Error), (finding.Object.ToString(), finding.Severity));
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        Assert.NotNull(contributions.For(PluginFolder.Scope()).Held);
        Assert.Null(contributions.For(PluginFolder.Scope("other")).Held);
    }

    [Fact]
    public void An_object_in_a_version_that_the_plugin_no_longer_knows_is_refused()
    {
        var versions = new KindVersions(Load().Plugins[0], TimeProvider.System);

        var refused = versions.InFirst(new PluginResource(new("shop", "a"), "test.osmext.io", "Script") { Version = "v2" });

        Assert.Null(refused.Resource);
        Assert.Contains("knows no version \"v2\" of Script", Assert.Single(refused.Findings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version: v1alpha1,", "version: v2,", "resources[0].conversions[0].version")]
    [InlineData("version: v1alpha1,", "version: v1,", "resources[0].conversions[0].version")]
    [InlineData(", fromFirst: down.scriban", "", "resources[0].conversions[0].toFirst")]
    [InlineData(", toFirst: up.scriban, fromFirst: down.scriban", "", "resources[0].conversions[0].toFirst")]
    [InlineData("old.yaml", "none.yaml", "resources[0].conversions[0].schema")]
    [InlineData("down.scriban", "none.scriban", "")]
    public void A_mistake_in_the_manifest_is_told_with_its_place(string right, string wrong, string field)
    {
        var set = Load(kind: Converted.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Empty(set.Plugins);
        Assert.Equal(field, Assert.Single(set.Diagnostics).Field);
    }

    [Fact]
    public void Code_converts_where_there_are_no_templates()
    {
        const string Versions = "versions: [v1, v0]\n  conversions: [{version: v0, type: OsmExt.PluginHost.TestPlugin.OlderSpec}]";
        using var folder = new PluginFolder();
        var set = folder.WriteCode(text => text.Replace("versions: [v1]", Versions, StringComparison.Ordinal)).Load();
        Assert.Empty(set.Diagnostics);

        var contributions = PluginFolder.Contribute(set, Behaviour("a", "-- lua") + Behaviour("b", "throw"));

        Assert.Contains("-- lua", Code(contributions.For(PluginFolder.Scope())), StringComparison.Ordinal);
        Assert.Contains("BadMoodException", Assert.Single(contributions.Diagnostics, finding => finding is { Code: DiagnosticCodes.NotConverted, Object.Name: "b" }).Message, StringComparison.Ordinal);
        set.DisposeExcept(PluginSet.Empty);

        static string Behaviour(string name, string behaviour) => PluginFolder.Behaviour(name, behaviour)
            .Replace("osmext.io/v1", "osmext.io/v0", StringComparison.Ordinal).Replace("what:", "behaviour:", StringComparison.Ordinal);
    }

    private PluginSet Load(string up = Up, string failure = "open", string kind = Converted)
    {
        _folder.Write(manifest: PluginFolder.Manifest.Replace(Kind, kind, StringComparison.Ordinal).Replace("failure: open", $"failure: {failure}", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder.Root, "lua", "old.yaml"), Old);
        File.WriteAllText(Path.Combine(_folder.Root, "lua", "up.scriban"), up);
        File.WriteAllText(Path.Combine(_folder.Root, "lua", "down.scriban"), Down);
        return _folder.Load();
    }

    private static string Code(ScopeContributions contributions) => ((Any)Assert.Single(contributions.All).Message).Value.ToStringUtf8();

    private static string Script(string name, string version, string spec, string ns = "shop")
        => PluginFolder.Script(name, spec, ns).Replace("test.osmext.io/v1", $"test.osmext.io/{version}", StringComparison.Ordinal);
}
