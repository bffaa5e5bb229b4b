using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.PluginHost.Tests;

/// <summary>Where contributions end up.</summary>
public sealed class TranslationTests : IDisposable
{
    private const string Mesh = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: true}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {serviceAccountName: web, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}

        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("edge", "lua.code envoy.filters.http.rbac http_router")]
    [InlineData("authorization", "envoy.filters.http.rbac lua.code http_router")]
    [InlineData("telemetry", "envoy.filters.http.rbac lua.code http_router")]
    public void A_filter_stands_at_its_stage_among_the_mesh_s_own(string stage, string order)
    {
        var manifest = PluginFolder.Manifest.Replace("for: Script,", $"stage: {stage}, for: Script,", StringComparison.Ordinal) + "\ncapabilities: [before-authorization]";
        var set = _folder.Write(manifest: manifest).Policy("plugins: {lua: {grants: [before-authorization]}}").Load();

        var listener = Find<Listener>(Translate(set, PluginFolder.Script("a", "{}")), "inbound-listener");

        var connection = listener.FilterChains[0].Filters[^1].TypedConfig.Unpack<Connection>();
        Assert.Equal(order, string.Join(' ', connection.HttpFilters.Select(filter => filter.Name)));
        Assert.Equal(["Plugin lua", "Script shop/a"], Provenance.Read(listener.FilterChains[0].Metadata));
    }

    [Fact]
    public void A_plugin_s_host_is_on_its_port_and_takes_no_name_of_a_service()
    {
        var set = _folder.WriteCode().Load();

        var translation = Translate(set, PluginFolder.Behaviour("a", "host"));

        var (own, shared) = (Find<RouteConfiguration>(translation, "rds-outbound.8443"), Find<RouteConfiguration>(translation, "rds-outbound.80"));
        Assert.Equal(["example.org", "web.shop"], Assert.Single(own.VirtualHosts).Domains);
        Assert.Equal(["example.org"], shared.VirtualHosts.Single(host => host.Name == "behaviour|outside").Domains);
        Assert.Equal(["Plugin behaviour", "Behaviour shop/a"], Provenance.Read(own.VirtualHosts[0].Metadata));
        Assert.Equal("rds-outbound.8443", Find<Listener>(translation, "outbound-listener.8443").FilterChains[0].Filters[0].TypedConfig.Unpack<Connection>().Rds.RouteConfigName);
        Assert.Contains("\"web.shop\" on port 80 is taken", Assert.Single(translation.Diagnostics, finding => finding.Code == DiagnosticCodes.ContributionConflict).Message, StringComparison.Ordinal);
        set.DisposeExcept(PluginSet.Empty);
    }

    [Fact]
    public void A_proxy_that_is_held_gets_no_listeners()
    {
        var set = _folder.WriteCode(text => text.Replace("failure: open", "failure: closed", StringComparison.Ordinal)).Load();

        var translation = Translate(set, PluginFolder.Behaviour("a", "throw"));

        Assert.DoesNotContain(translation.Resources, resource => resource.Message is Listener);
        Assert.Contains(translation.Diagnostics, finding => finding.Code == DiagnosticCodes.ConfigurationHeld);
        set.DisposeExcept(PluginSet.Empty);
    }

    private static Translation Translate(PluginSet set, string objects)
    {
        var file = ManifestReader.Read(Mesh + objects, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), set.Contribute);
        return mesh.Translate(Assert.Single(mesh.Proxies.All));
    }

    private static T Find<T>(Translation translation, string name)
        => translation.Resources.Where(resource => resource.Name == name).Select(resource => resource.Message).OfType<T>().Single();
}
