using System.Net;
using Envoy.Config.Bootstrap.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>What plugins add to what proxies start with, and what they must not touch.</summary>
public sealed class BootstrapTests : IDisposable
{
    private const string Manifest = """
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: open
        capabilities: [write-bootstrap]
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: start, point: bootstrap, merge: append, for: Script, template: lua.scriban}
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stats_flush_interval: 7s", "stats_flush_interval: 7s")]
    [InlineData("enable_dispatcher_stats: true", "enable_dispatcher_stats: true")]
    [InlineData("stats_config: {stats_tags: [{tag_name: team, fixed_value: shop}], use_all_default_tags: false}", "team")]
    [InlineData("layered_runtime: {layers: [{name: \"lua|own\", static_layer: {re2.max_program_size.error_level: 1}}]}", "lua|own")]
    [InlineData("overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 1000000}}], actions: [{name: envoy.overload_actions.stop_accepting_requests, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}", "stop_accepting_requests")]
    public void It_is_added_to_the_mesh_s_own(string written, string text)
    {
        var own = BootstrapConfig.Build(new(Guid.Empty, new("cluster.local", "shop", "web")), new DnsEndPoint("127.0.0.1", 1), new CredentialPaths("/c"));
        var whole = ContributedBootstrap.Into(own, Added(written, out _));

        Assert.Contains(text, EnvoyJson.ToYaml(whole), StringComparison.Ordinal);
        Assert.Empty(EnvoyRules.Check(whole));
        Assert.Equal((own.Node, own.Admin, own.DynamicResources, own.StaticResources), (whole.Node, whole.Admin, whole.DynamicResources, whole.StaticResources));
        Assert.Equal("osm", whole.LayeredRuntime.Layers[^1].Name);
        Assert.Equal(own.OverloadManager.ResourceMonitors[0], whole.OverloadManager.ResourceMonitors[0]);
    }

    [Theory]
    [InlineData("node: {id: me}", "node")]
    [InlineData("admin: {}", "admin")]
    [InlineData("static_resources: {clusters: []}", "static_resources")]
    [InlineData("dynamic_resources: {}", "dynamic_resources")]
    [InlineData("layered_runtime: {layers: [{name: \"lua|disk\", disk_layer: {symlink_root: /etc}}]}", "layered_runtime.layers[0].disk_layer")]
    [InlineData("layered_runtime: {layers: [{name: osm, static_layer: {a: 1}}]}", "layered_runtime.layers")]
    [InlineData("stats_sinks: [{name: envoy.stat_sinks.statsd, typed_config: {\"@type\": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, address: {socket_address: {address: 127.0.0.1, port_value: 8125}}}}]", "stats_sinks")]
    [InlineData("stats_config: {stats_tags: [{tag_name: envoy.cluster_name, fixed_value: x}]}", "stats_config.stats_tags[0].tag_name")]
    [InlineData("stats_config: {stats_tags: [{tag_name: team}]}", "stats_config.stats_tags[0].tag_name")]
    [InlineData("stats_config: {stats_tags: [{tag_name: team, regex: \"(\"}]}", "stats_config.stats_tags[0].regex")]
    [InlineData("stats_config: {stats_tags: [{tag_name: team, regex: \"(?i)(a)\"}]}", "stats_config.stats_tags[0].regex")]
    [InlineData("stats_config: {stats_tags: [{tag_name: team, regex: \"nogroup\"}]}", "stats_config.stats_tags[0].regex")]
    public void What_is_not_a_plugin_s_is_refused(string written, string field)
    {
        var added = Added(written, out var findings);

        Assert.Equal(field, Assert.Single(findings, finding => finding.Code == DiagnosticCodes.ContributionRefused).Field);
        Assert.Equal(new Bootstrap(), added);
    }

    [Fact]
    public void Sinks_are_for_who_may_call_hosts_and_know_an_address()
    {
        var manifest = Manifest.Replace("[write-bootstrap]", "[write-bootstrap, call-hosts]", StringComparison.Ordinal);
        const string Sink = "stats_sinks: [{name: envoy.stat_sinks.statsd, typed_config: {\"@type\": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, HOW}}]";

        Assert.Single(Added(Sink.Replace("HOW", "address: {socket_address: {address: 127.0.0.1, port_value: 8125}}", StringComparison.Ordinal), out _, manifest: manifest).StatsSinks);
        Assert.Empty(Added(Sink.Replace("HOW", "tcp_cluster_name: statsd", StringComparison.Ordinal), out var findings, manifest: manifest).StatsSinks);
        Assert.Contains("There are no clusters yet", Assert.Single(findings, finding => finding.Code == DiagnosticCodes.ContributionRefused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_for_one_field_the_nearer_counts_and_of_equals_the_other_is_told()
    {
        const string Written = "stats_flush_interval: {{ spec.code }}";
        var nearer = Added(Written, out var findings, PluginFolder.Script("a", "{code: 3s}", "osm-system") + PluginFolder.Script("b", "{code: 4s, targetRef: {kind: ServiceAccount, name: web}}"));
        Assert.Equal(4, nearer.StatsFlushInterval.Seconds);
        Assert.DoesNotContain(findings, finding => finding.Code == DiagnosticCodes.ContributionConflict);

        Assert.Equal(3, Added(Written, out findings, PluginFolder.Script("a", "{code: 3s}") + PluginFolder.Script("b", "{code: 4s}")).StatsFlushInterval.Seconds);
        Assert.Contains("claim stats_flush", Assert.Single(findings, finding => finding is { Code: DiagnosticCodes.ContributionConflict, Object.Name: "b" }).Message, StringComparison.Ordinal);

        Added("overload_manager: {resource_monitors: [{name: envoy.resource_monitors.global_downstream_max_connections, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 1}}]}", out findings);
        Assert.Contains("the mesh both claim", Assert.Single(findings, finding => finding.Code == DiagnosticCodes.ContributionConflict).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("capabilities: [write-bootstrap]", "capabilities: []", "needs the capability write-bootstrap")]
    [InlineData("merge: append", "direction: outbound", "What a proxy starts with goes no way")]
    public void What_it_needs_is_asked_for(string text, string instead, string reason)
        => Assert.Contains(_folder.Write(manifest: Manifest.Replace(text, instead, StringComparison.Ordinal)).Load().Diagnostics, finding => finding.Message.Contains(reason, StringComparison.Ordinal));

    private Bootstrap Added(string template, out IReadOnlyCollection<Diagnostic> findings, string? objects = null, string manifest = Manifest)
    {
        var set = _folder.Write(manifest: manifest, template: template).Policy("plugins: {lua: {grants: [write-bootstrap, call-hosts]}}").Load();
        Assert.Empty(set.Diagnostics);
        var file = ManifestReader.Read(TranslationTests.Mesh + (objects ?? PluginFolder.Script("a", "{}")), "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), set.Contribute);
        var (added, contributions) = mesh.BootstrapOf(Assert.Single(mesh.Proxies.All), Capabilities.OfRelease(Capabilities.NewestEnvoy));
        findings = [.. mesh.Diagnostics.Concat(contributions.Findings).Distinct()];
        return added.Message;
    }
}
