using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
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
    internal const string Mesh = """
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

    [Theory]
    [InlineData("setting: inbound-authorization", "web", true)]
    [InlineData("stage: authorization", "web", false)]
    [InlineData("setting: inbound-authorization", "other", false)]
    public void Requests_that_shall_be_judged_are_let_in_where_a_judge_stands_only(string line, string service, bool isOpen)
    {
        var set = _folder.WriteCode(manifest => manifest.Replace("- name: lua", $"- name: lua\n  {line}", StringComparison.Ordinal)).Load();
        Assert.Empty(set.Diagnostics);

        var translation = Translate(set, PluginFolder.Script("a", $"{{what: \"-- judge\", targetRef: {{kind: Service, name: {service}}}}}").Replace("kind: Script", "kind: Behaviour", StringComparison.Ordinal),
            Mesh.Replace("TrafficPolicyMode: true", "TrafficPolicyMode: true, inboundExternalAuthorization: {enable: true, address: judge, port: 1}", StringComparison.Ordinal));

        Assert.Equal(isOpen, Find<RouteConfiguration>(translation, "rds-inbound.8080").VirtualHosts.Single().Routes.Count > 0);
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

    [Theory]
    // A range with a service of the mesh in it: the service's address stays with the port's HTTP.
    [InlineData("80", "outbound_http_80: | outbound_http_80_mesh: 10.96.0.1/32 | behaviour|a: 0.0.0.0/0", false, "way 80 0.0.0.0/0")]
    // A range without any: the mesh's chain is as it was.
    [InlineData("80", "outbound_http_80: | behaviour|a: 203.0.113.0/24", false, "way 80 203.0.113.7/24")]
    // Part of a range: the rest goes to the port's HTTP.
    [InlineData("80", "outbound_http_80: | outbound_http_80_mesh: 203.0.113.0/24 | behaviour|a: 203.0.113.0/24 example.org", true, "way 80 203.0.113.0/24 example.org")]
    // Part of a range that is in one of which all is taken: the rest goes there.
    [InlineData("81", "behaviour|a: 203.0.113.0/24,203.0.113.0/28 | behaviour|b: 203.0.113.0/28 example.org", true, "way 81 203.0.113.0/24", "way 81 203.0.113.0/28 example.org")]
    // The same twice: the first has it.
    [InlineData("81", "behaviour|a: 203.0.113.0/24", false, "way 81 203.0.113.0/24", "way 81 203.0.113.99/24")]
    // The very address of a service is not to be had.
    [InlineData("80", "outbound_http_80: | outbound_http_80_mesh: 10.96.0.1/32", false, "way 80 10.96.0.1/32")]
    public void A_plugin_s_way_out_takes_nothing_from_the_mesh(string port, string chains, bool inspects, params string[] ways)
    {
        var set = _folder.WriteCode(text => $"{text}\n- {{name: ways, point: filter-chain, direction: outbound, merge: append}}\ncapabilities: [call-hosts]")
            .Policy("plugins: {behaviour: {grants: [call-hosts]}}").Load();
        Assert.Empty(set.Diagnostics);

        var translation = Translate(set, string.Concat(ways.Select((way, index) => PluginFolder.Behaviour($"{(char)('a' + index)}", way))));

        var listener = Find<Listener>(translation, $"outbound-listener.{port}");
        Assert.Equal(chains, string.Join(" | ", listener.FilterChains.Select(chain => string.Join(' ',
            [$"{chain.Name}: {string.Join(',', chain.FilterChainMatch?.PrefixRanges.Select(range => $"{range.AddressPrefix}/{range.PrefixLen}") ?? [])}", .. chain.FilterChainMatch?.ServerNames ?? []]))
            .Select(text => text.TrimEnd().Replace("203.0.113.7/24", "203.0.113.0/24", StringComparison.Ordinal))));
        Assert.Equal(inspects, listener.ListenerFilters.Any(filter => filter.Name == "tls_inspector"));
        var left = ways.Length - listener.FilterChains.Count(chain => chain.Name.StartsWith("behaviour|", StringComparison.Ordinal));
        Assert.Equal(left, translation.Diagnostics.Count(finding => finding.Code == DiagnosticCodes.ContributionConflict));
        set.DisposeExcept(PluginSet.Empty);
    }

    [Fact]
    public void What_one_object_brings_to_one_place_has_names_of_its_own_and_is_found_again()
    {
        var set = _folder.WriteCode().Load();
        var objects = PluginFolder.Behaviour("a", "twice");

        var listener = Translate(set, objects).Resources.Single(resource => resource.Name == "inbound-listener");

        var connection = ((Listener)listener.Message).FilterChains[0].Filters[^1].TypedConfig.Unpack<Connection>();
        Assert.Equal("behaviour.lua.shop.a behaviour.lua.shop.a#2", string.Join(' ', connection.HttpFilters.Select(filter => filter.Name).Where(name => name.StartsWith("behaviour", StringComparison.Ordinal))));
        Assert.Equal(2, new ContributedParts(Contributions(set, objects).For(PluginFolder.Scope()).All).In(listener).Count);
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

    [Fact]
    public void Every_contribution_is_found_in_what_it_became_and_nowhere_else()
    {
        var set = _folder.Write().WriteCode().Load();
        var objects = PluginFolder.Script("s", "{}") + PluginFolder.Behaviour("h", "host") + PluginFolder.Behaviour("l", "-- lua");
        var contributions = Contributions(set, objects).For(PluginFolder.Scope()).All;
        var parts = new ContributedParts(contributions);

        var found = Translate(set, objects).Resources.SelectMany(resource => parts.In(resource).Select(item => $"{resource.Name} {item.Name} {item.Target.Port}")).Order(StringComparer.Ordinal);

        Assert.Equal(
            ["inbound-listener behaviour.lua.shop.l ", "inbound-listener lua.code ", "rds-outbound.80 behaviour.host.shop.h 80", "rds-outbound.8443 behaviour.host.shop.h 8443"],
            found.Where(line => !line.Contains("rds-outbound.80 behaviour.host.shop.h 8443", StringComparison.Ordinal) && !line.Contains("rds-outbound.8443 behaviour.host.shop.h 80", StringComparison.Ordinal)));
        Assert.Equal(4, contributions.Count);
        set.DisposeExcept(PluginSet.Empty);
    }

    private static IMeshContributions Contributions(PluginSet set, string objects)
    {
        IMeshContributions? all = null;
        Compile(set, objects, (mesh, snapshot, options) => all = set.Contribute(mesh, snapshot, options));
        return all!;
    }

    internal static Translation Translate(PluginSet set, string objects, string mesh = Mesh)
    {
        var compiled = Compile(set, objects, set.Contribute, mesh);
        return compiled.Translate(Assert.Single(compiled.Proxies.All));
    }

    private static OfflineMesh Compile(PluginSet set, string objects, Func<Sdk.Ir.Mesh, ResourceSnapshot, CompilerOptions, IMeshContributions> contribute, string mesh = Mesh)
    {
        var file = ManifestReader.Read(mesh + objects, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        return OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), contribute);
    }

    private static T Find<T>(Translation translation, string name)
        => translation.Resources.Where(resource => resource.Name == name).Select(resource => resource.Message).OfType<T>().Single();
}
