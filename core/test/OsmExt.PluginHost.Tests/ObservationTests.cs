using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.AccessLoggers.Stream.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.PluginHost.Tests;

/// <summary>Logs and tracing: filled from the mesh's settings, for pods by labels, on chains of others, and what they read of metadata.</summary>
public sealed class ObservationTests : IDisposable
{
    private const string Log = """
        typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog, log_format: {text_format_source: {inline_string: {{ TEXT }}}}}
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, "collector:9411/api/v2/spans")]
    [InlineData(false, null)]
    public void A_slot_of_the_mesh_is_filled_while_its_setting_is_on(bool isOn, string? text)
    {
        var set = _folder.Write(manifest: Slots("direction: inbound, for: Mesh, setting: tracing"), template: Of("spec.tracing.address + \":\" + spec.tracing.port + spec.tracing.path")).Load();
        Assert.Empty(set.Diagnostics);

        var mesh = Compile(set, tracing: isOn);

        Assert.Equal(text, Logs(mesh).SingleOrDefault());
        Assert.DoesNotContain(mesh.Diagnostics, finding => finding.Code == DiagnosticCodes.NotCarriedOut);
    }

    [Fact]
    public void A_setting_that_no_plugin_carries_out_is_told()
        => Assert.Equal("spec.observability.tracing.enable", Assert.Single(Compile(PluginSet.Empty, tracing: true).Diagnostics, finding => finding.Code == DiagnosticCodes.NotCarriedOut).Field);

    [Fact]
    public void A_slot_can_be_for_fewer_Envoys_than_the_plugin()
    {
        var set = _folder.Write(manifest: Slots("direction: inbound, envoy: \">=1.40\", for: Script"), template: Of("spec.code")).Load();
        var mesh = Compile(set, PluginFolder.Script("a", "{code: x}"));

        Assert.Equal(["x"], Logs(mesh));
        Assert.Empty(Logs(mesh, "1.36.2"));
        Assert.Equal(Severity.Warning, Assert.Single(mesh.Translate(mesh.Proxies.All.First(), Capabilities.OfRelease("1.36.2")).Diagnostics, finding => finding.Code == DiagnosticCodes.NotOffered).Severity);
    }

    [Fact]
    public void Where_a_template_gives_nothing_a_less_specific_object_counts()
    {
        var set = _folder.Write(manifest: Slots("direction: inbound, for: Script"), template: "{{ if spec.optional ~}}\n# The line.\n" + Of("spec.optional") + "\n{{~ end }}").Load();

        Assert.Equal(["all"], Logs(Compile(set, PluginFolder.Script("all", "{optional: all}") + PluginFolder.Script("web", "{targetRef: {kind: Service, name: web}}"))));
        Assert.Equal(["web"], Logs(Compile(set, PluginFolder.Script("all", "{optional: all}") + PluginFolder.Script("web", "{optional: web, targetRef: {kind: Service, name: web}}"))));
    }

    [Fact]
    public void Pods_are_meant_by_labels_and_no_other_label_splits_a_scope()
    {
        var set = _folder.Write(manifest: Slots("direction: inbound, for: Script"), template: Of("spec.code")).Load();
        var mesh = Compile(set, PluginFolder.Script("all", "{code: all}") + PluginFolder.Script("canary", "{code: canary, targetRef: {kind: Pod, labels: {app: web, track: canary}}}")
            + PluginFolder.Script("none", "{targetRef: {kind: Pod, labels: {app: nobody}}}"));

        Assert.Equal(["all", "canary"], mesh.Proxies.All.Select(proxy => Assert.Single(Logs(mesh, proxy: proxy))));
        var finding = Assert.Single(mesh.Diagnostics, finding => finding.Code == DiagnosticCodes.MatchesNothing);
        Assert.Equal("none", finding.Object!.Value.Name);
        var contributions = set.Contribute(mesh.Mesh, ResourceSnapshot.Empty, new());
        Assert.Empty(contributions.Selections("elsewhere"));
    }

    [Theory]
    [InlineData("{kind: Pod, name: a}", "spec.targetRef.labels")]
    [InlineData("{kind: Service, name: a, labels: {a: b}}", "spec.targetRef.labels")]
    [InlineData("{kind: Service}", "spec.targetRef.name")]
    public void A_target_is_written_in_one_way(string target, string field)
    {
        var set = _folder.Write().Load();
        var file = ManifestReader.Read(PluginFolder.Script("a", $"{{targetRef: {target}}}"), "in.yaml", new PluginKinds(set.Kinds));

        Assert.Equal(field, Assert.Single(file.Diagnostics).Field);
    }

    [Fact]
    public void What_comes_in_from_outside_is_observed_on_whatever_chain_it_takes()
    {
        _folder.Write("chain", PluginFolder.Manifest.Replace("id: lua", "id: chain\ncapabilities: [accept-connections]", StringComparison.Ordinal)
            .Replace("point: http-filter", "point: filter-chain", StringComparison.Ordinal), """
            name: chain|web
            filter_chain_match: {destination_port: 8080, transport_protocol: raw_buffer}
            filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: chain
                route_config: {name: outside}
            """).Policy("plugins: {chain: {grants: [accept-connections]}}");
        var set = _folder.Write("log", Slots("direction: ingress, for: Script").Replace("id: lua", "id: log", StringComparison.Ordinal), Of("\"from outside\"")).Load();
        Assert.Empty(set.Diagnostics);

        var chains = Find<Listener>(Compile(set, PluginFolder.Script("a", "{}")), "inbound-listener").FilterChains;

        Assert.Equal(["from outside"], Logs(chains.Single(chain => chain.Name == "chain|web")));
        Assert.Equal(["Plugin chain", "Plugin log", "Script shop/a"], Provenance.Read(chains.Single(chain => chain.Name == "chain|web").Metadata));
        Assert.Empty(Logs(chains.Single(chain => chain.Name != "chain|web")));
    }

    [Fact]
    public void A_digest_of_the_configuration_is_there_for_who_reads_it_and_changes_with_it_only()
    {
        var plain = Compile(_folder.Write(manifest: Slots("direction: inbound, for: Script"), template: Of("spec.code")).Load(), PluginFolder.Script("a", "{code: x}"));
        var set = _folder.Write(manifest: Slots("direction: inbound, metadata: [generation], for: Script"), template: Of("spec.code")).Load();
        var (one, again, other) = (Compile(set, PluginFolder.Script("a", "{code: x}")), Compile(set, PluginFolder.Script("b", "{code: x}") + PluginFolder.Script("a", "{code: x}")), Compile(set, PluginFolder.Script("a", "{code: y}")));

        Assert.Equal((null, null), Generations(plain));
        Assert.Matches("^[0-9a-f]{12}$", Generations(one).Chain);
        Assert.Equal(Generations(one).Host, Generations(other).Host);
        Assert.NotEqual(Generations(one).Chain, Generations(other).Chain);
        Assert.Equal(Generations(one), Generations(again));
    }

    private static (string? Chain, string? Host) Generations(OfflineMesh mesh) => (
        Generation(Find<Listener>(mesh, "inbound-listener").FilterChains.Single().Metadata),
        Generation(Find<RouteConfiguration>(mesh, "rds-inbound.8080").VirtualHosts.Single().Metadata));

    private static string? Generation(Metadata? metadata)
        => metadata is not null && metadata.FilterMetadata.TryGetValue("osm", out var fields) && fields.Fields.TryGetValue("generation", out var value) ? value.StringValue : null;

    private static string Slots(string rest) => PluginFolder.Manifest.Replace("point: http-filter, direction: inbound, for: Script", $"point: access-log, {rest}", StringComparison.Ordinal);

    private static string Of(string expression) => Log.Replace("TEXT", expression, StringComparison.Ordinal);

    private static string[] Logs(OfflineMesh mesh, string envoy = Capabilities.NewestEnvoy, Proxy? proxy = null)
        => Logs(Find<Listener>(mesh, "inbound-listener", envoy, proxy).FilterChains.Single());

    private static string[] Logs(FilterChain chain) => [.. chain.Filters[^1].TypedConfig.Unpack<Connection>().AccessLog
        .Select(log => log.TypedConfig.Unpack<StdoutAccessLog>().LogFormat.TextFormatSource.InlineString)];

    private static T Find<T>(OfflineMesh mesh, string name, string envoy = Capabilities.NewestEnvoy, Proxy? proxy = null)
        => mesh.Translate(proxy ?? mesh.Proxies.All.First(), Capabilities.OfRelease(envoy)).Resources.Where(resource => resource.Name == name).Select(resource => resource.Message).OfType<T>().Single();

    private static OfflineMesh Compile(PluginSet set, string objects = "", bool tracing = false)
    {
        var file = ManifestReader.Read(Mesh(tracing) + objects, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        return OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), set.Contribute);
    }

    private static string Mesh(bool tracing) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec:
          traffic: {enablePermissiveTrafficPolicyMode: true}
          observability: {tracing: {enable: {{(tracing ? "true" : "false")}}, address: collector} }
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm} }
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web, hash: a} }
        spec: {serviceAccountName: web, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.1}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-2, namespace: shop, labels: {app: web, hash: b, track: canary} }
        spec: {serviceAccountName: web, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.2}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}

        """;
}
