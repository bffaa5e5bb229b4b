using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

/// <summary>Objects that a rule of their kind refuses: they do not count, and it is said why.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const string Ruled = """
        type: object
        properties:
          code: {type: string, default: "-- nothing", x-kubernetes-validations: [{rule: "self.startsWith('--')", message: A script begins with a comment}]}
          optional: {type: string}
          many:
            type: array
            items: {type: string, x-kubernetes-validations: [{rule: size(self) > 1, message: A name has two letters}]}
        x-kubernetes-validations:
        - {rule: "!has(self.optional) || size(self.many) > 0", message: optional needs many, fieldPath: .optional}
        - rule: size(self.code) < 100
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{}", "", "")]
    [InlineData("{code: x}", "spec.code", "A script begins with a comment")]
    [InlineData("{many: [ab, c]}", "spec.many[1]", "A name has two letters")]
    [InlineData("{optional: x, many: []}", "spec.optional", "optional needs many")]
    [InlineData("{code: \"--12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\"}", "spec", "This does not hold: size(self.code) < 100")]
    public void What_a_rule_of_the_schema_refuses_does_not_count(string spec, string field, string message)
    {
        var set = _folder.Write(schema: Ruled).Load();
        Assert.Empty(set.Diagnostics);
        var contributions = PluginFolder.Contribute(set, PluginFolder.Script("a", spec));

        Assert.Equal(message.Length != 0, contributions.For(PluginFolder.Scope()).All.IsEmpty);
        var findings = contributions.Diagnostics.Where(finding => finding.Code == DiagnosticCodes.AdmissionRefused).Select(finding => (finding.Object?.Name, finding.Field, finding.Message));
        Assert.Equal(message.Length == 0 ? [] : [("a", field, message)], findings);
        Assert.Equal(findings, set.Review(Object(set, PluginFolder.Script("a", spec))).Select(finding => (finding.Object?.Name, finding.Field, finding.Message)));
    }

    [Fact]
    public void With_failure_closed_the_proxies_it_is_for_are_held()
    {
        var set = _folder.Write(manifest: PluginFolder.Manifest.Replace("failure: open", "failure: closed", StringComparison.Ordinal), schema: Ruled).Load();
        var contributions = PluginFolder.Contribute(set, PluginFolder.Script("a", "{code: x}"));
        Assert.Contains("Script shop/a does not count", contributions.For(PluginFolder.Scope()).Held, StringComparison.Ordinal);
        Assert.Null(contributions.For(PluginFolder.Scope("other")).Held);
    }

    [Fact]
    public void A_rule_that_cannot_be_used_keeps_the_plugin_from_being_loaded_and_names_file_and_rule()
    {
        var finding = Assert.Single(_folder.Write(schema: Ruled.Replace("size(self.code)", "size(self.kode)", StringComparison.Ordinal)).Load().Diagnostics);
        Assert.Contains("schema.yaml:", finding.Message, StringComparison.Ordinal);
        Assert.Contains("size(self.kode) < 100", finding.Message, StringComparison.Ordinal);
        Assert.Contains("There is no field kode; did you mean code", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_are_part_of_the_schema_that_is_printed()
    {
        var text = SchemaText.Of(_folder.Write(schema: Ruled).Load().Plugins[0].Manifest.Resources[0].Schema);
        Assert.Contains("x-kubernetes-validations:", text, StringComparison.Ordinal);
        Assert.Contains("fieldPath: \".optional\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-- lua", null)]
    [InlineData("refuse", "spec.what: It says refuse")]
    [InlineData("throw-in-review", "cannot say whether this object may count: it threw BadMoodException")]
    [InlineData("null-in-review", "cannot say whether this object may count: it answered with a refusal that says nothing")]
    [InlineData("refused by rule", "spec.what: Nothing is refused by rule")]
    public void Code_may_refuse_objects_too(string what, string? expected)
    {
        var set = Reviewing("type: OsmExt.PluginHost.TestPlugin.RuledSpec");
        Assert.Empty(set.Diagnostics);
        var contributions = PluginFolder.Contribute(set, PluginFolder.Behaviour("bad", what) + PluginFolder.Behaviour("good", "-- good"));

        Assert.Equal(expected is null ? ["bad", "good"] : ["good"], contributions.For(PluginFolder.Scope()).All.Select(item => item.Origin!.Value.Name).Order());
        var findings = contributions.Diagnostics.Where(finding => finding.Severity == Severity.Error).Select(finding => $"{finding.Field}: {finding.Message}").ToArray();
        Assert.Equal(expected is null ? 0 : 1, findings.Length);
        Assert.True(expected is null || findings[0].Contains(expected, StringComparison.Ordinal), string.Join('\n', findings));
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("type: OsmExt.PluginHost.TestPlugin.BadlyRuledSpec", "\"self.nosuch > 1\": There is no field nosuch; there are what")]
    public void Rules_of_types_are_checked_when_the_code_is_loaded(string shape, string message)
        => Assert.Contains(Reviewing(shape).Diagnostics, finding => finding.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Templates_alone_review_nothing()
        => Assert.Contains(_folder.Write(manifest: PluginFolder.Manifest.Replace("schema: schema.yaml}", "schema: schema.yaml, reviewed: true}", StringComparison.Ordinal)).Load().Diagnostics,
            finding => finding.Message == "There is no code that could review it");

    private PluginSet Reviewing(string shape) => _folder.WriteCode(text => text.Replace("schema: schema/behaviour.yaml", $"{shape}\n  reviewed: true", StringComparison.Ordinal)).Load();

    private static PluginResource Object(PluginSet set, string text) => (PluginResource)Assert.Single(ManifestReader.Read(text, "in.yaml", new PluginKinds(set.Kinds)).Resources);
}
