using Envoy.Config.Route.V3;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>Routes of plugins lead where the client may go, and say nothing that is the mesh's to say.</summary>
public sealed class RouteTests : IDisposable
{
    private const string Manifest = """
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: closed
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: paths, point: route, direction: outbound, for: Script, template: lua.scriban}
        """;

    private const string Group = """
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: books, namespace: shop}
        spec: {matches: [{name: read, pathRegex: "/books/.*", methods: [GET]}]}

        """;

    private const string Other = """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: other, namespace: shop}
        spec: {clusterIP: 10.96.0.2, selector: {app: web}, ports: [{name: http, port: 81, targetPort: 8081}, {name: tcp, port: 90, targetPort: 9090, appProtocol: tcp}]}

        """;

    private readonly PluginFolder _folder = new();
    private IMeshContributions? _contributions;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("route: {cluster: \"shop/other|81\"}", "shop/other|8081")]
    [InlineData("route: {cluster: \"mesh:service\"}", "shop/web|8080")]
    [InlineData("route: {cluster: \"lua|own\"}", "lua|own")]
    [InlineData("redirect: {path_redirect: /new}", "")]
    // Not its port for clients, not HTTP, not of this namespace, not there.
    [InlineData("route: {cluster: \"shop/other|8081\"}", "blackhole-outbound")]
    [InlineData("route: {cluster: \"shop/other|90\"}", "blackhole-outbound")]
    [InlineData("route: {cluster: \"far/other|81\"}", "blackhole-outbound")]
    [InlineData("route: {cluster: \"shop/nosuch|81\"}", "blackhole-outbound")]
    public void A_route_leads_to_services_of_its_namespace_and_nowhere_else(string action, string cluster)
    {
        var host = Host($"match: {{prefix: /a}}, {action}");

        Assert.Equal(["lua.paths.shop.a/0", ""], host.Routes.Select(route => route.Name));
        var led = host.Routes[0].Route_;
        Assert.Equal(cluster, led is null ? "" : led.WeightedClusters?.Clusters.Single().Name ?? led.Cluster);
        Assert.Equal(["Plugin lua", "Script shop/a"], Provenance.Read(host.Routes[0].Metadata));
    }

    [Theory]
    [InlineData("match: {prefix: /}, name: mine, redirect: {}", "routes[0].name", "not for a plugin's route to say")]
    [InlineData("match: {prefix: /}, route: {cluster_header: x-cluster}", "routes[0].route.cluster_header", "not for a plugin's route to say")]
    [InlineData("match: {prefix: /}, route: {cluster: passthrough-outbound}", "routes[0].route", "is no service of the mesh")]
    [InlineData("match: {prefix: /}, route: {cluster: other|own}", "routes[0].route", "is no service of the mesh")]
    [InlineData("match: {prefix: /}, route: {cluster: \"shop/web|80\", request_mirror_policies: [{cluster: \"mesh:service\"}]}", "routes[0].route", "is no service of the mesh")]
    [InlineData("match: {prefix: /}, route: {cluster: \"shop/web|80\", internal_redirect_policy: {}}", "routes[0].route.internal_redirect_policy", "not for a plugin's route to say")]
    [InlineData("match: {prefix: /}, direct_response: {status: 200, body: {filename: /etc/passwd}}", "routes[0].direct_response.body.filename", "not for a plugin's route to say")]
    [InlineData("match: {prefix: /}, route: {cluster: \"mesh:service\"}, request_headers_to_add: [{header: {key: Host, value: other}}]", "routes[0]", "is the request itself")]
    [InlineData("match: {prefix: /}, redirect: {}, typed_per_filter_config: {envoy.filters.http.rbac: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute}}", "typed_per_filter_config", "is not a filter of this plugin")]
    [InlineData("match: {safe_regex: {regex: \"(\"}}, redirect: {}", "routes[0].match.safe_regex.regex", "")]
    public void What_is_not_a_plugin_s_is_refused_and_holds_who_cannot_do_without_it(string route, string field, string reason)
    {
        var mesh = Compile(route);

        var finding = Assert.Single(mesh.Diagnostics, finding => finding.Code == DiagnosticCodes.ContributionRefused);
        Assert.Equal(field, finding.Field);
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        Assert.Contains(mesh.Translate(mesh.Proxies.All.First()).Diagnostics, held => held.Code == DiagnosticCodes.ConfigurationHeld);
    }

    [Fact]
    public void What_clients_may_not_reach_they_do_not_reach_and_the_object_is_told()
    {
        const string Strict = "enablePermissiveTrafficPolicyMode: false";
        const string Access = "---\napiVersion: access.smi-spec.io/v1alpha3\nkind: TrafficTarget\nmetadata: {name: t, namespace: shop}\nspec: {destination: {kind: ServiceAccount, name: web, namespace: shop}, sources: [{kind: ServiceAccount, name: web, namespace: shop}], rules: [{kind: HTTPRouteGroup, name: books}]}\n";
        var far = Other.Replace("app: web", "app: far", StringComparison.Ordinal) + TranslationTests.Mesh[TranslationTests.Mesh.IndexOf("---\napiVersion: v1\nkind: Pod", StringComparison.Ordinal)..TranslationTests.Mesh.LastIndexOf("---", StringComparison.Ordinal)]
            .Replace("web", "far", StringComparison.Ordinal);
        var mesh = Compile("match: {prefix: /a}, route: {cluster: \"shop/other|81\"}", far + Access,
            TranslationTests.Mesh.Replace("enablePermissiveTrafficPolicyMode: true", Strict, StringComparison.Ordinal));

        var translated = mesh.Translate(mesh.Proxies.All.Single(proxy => proxy.Pod.Name == "web"));

        Assert.Contains(translated.Diagnostics, finding => finding is { Code: DiagnosticCodes.DanglingReference, Object.Name: "a" } && finding.Message.Contains("may not reach shop/other|81", StringComparison.Ordinal));
        Assert.Equal("blackhole-outbound", HostIn(translated).Routes[0].Route_.Cluster);
    }

    [Fact]
    public void Who_gets_requests_to_another_answers_to_its_name()
    {
        var mesh = Compile("match: {prefix: /a}, route: {cluster: \"shop/other|81\"}");

        Assert.Equal([new SplitRoot(new("shop", "web"), 80)], mesh.Mesh.Services.Single(service => service is { Name.Name: "other", Port: 81 }).SplitRoots);
    }

    [Fact]
    public void What_routes_leave_out_the_mesh_says_and_mirrors_keep_the_host()
    {
        var host = Host("match: {prefix: /a}, route: {cluster: \"mesh:service\", request_mirror_policies: [{cluster: \"shop/other|81\"}]}");

        Assert.Equal(0, host.Routes[0].Route_.Timeout.Seconds);
        var mirror = Assert.Single(host.Routes[0].Route_.RequestMirrorPolicies);
        Assert.Equal(("shop/other|8081", true), (mirror.Cluster, mirror.DisableShadowHostSuffixAppend));
    }

    [Fact]
    public void A_refused_route_is_laid_at_its_plugin_s_door()
    {
        var mesh = Compile("match: {prefix: /a}, redirect: {}");
        var item = Assert.Single(_contributions!.For(PluginFolder.Scope()).All);

        var holders = mesh.Translate(mesh.Proxies.All.First()).Resources.Where(resource => new ContributedParts([item]).In(resource).Contains(item)).Select(resource => resource.Name);

        Assert.Equal(["rds-outbound.80"], holders);
    }

    [Fact]
    public void Filters_are_configured_for_requests_that_a_plugin_routes_too()
    {
        var manifest = Manifest + "\n- {name: filter, point: http-filter, direction: outbound, for: Mesh, template: guard.scriban}\n- {name: guard, point: virtual-host-config, direction: outbound, configures: filter, for: Script, template: guard.scriban}";
        _folder.Write(manifest: manifest, template: Template("match: {prefix: /books/}, redirect: {}"));
        File.WriteAllText(Path.Combine(_folder.Root, "lua", "guard.scriban"), """
            {{ if slot == "filter" }}"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua{{ else if spec.optional }}
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute
            disabled: true
            {{ end }}
            """);
        var mesh = CompileWith(_folder.Load(), PluginFolder.Script("b", "{optional: x, targetRef: {kind: HTTPRouteGroup, name: books, sectionName: read, service: web}}") + Group, TranslationTests.Mesh);

        var routes = HostIn(mesh.Translate(mesh.Proxies.All.First())).Routes;
        Assert.Equal(4, routes.Count);
        Assert.Equal(("/books/", true, 2), (routes[0].Match.Prefix, routes[0].TypedPerFilterConfig.ContainsKey("lua.filter"), routes[0].Match.Headers.Count));
        Assert.Equal(("/books/", false, 0), (routes[1].Match.Prefix, routes[1].TypedPerFilterConfig.ContainsKey("lua.filter"), routes[1].Match.Headers.Count));
    }

    private static string Template(string route) => "{{ if spec.code == \"route\" }}routes: [{ " + route + " }]{{ end }}";

    private VirtualHost Host(string route)
    {
        var mesh = Compile(route);
        return HostIn(mesh.Translate(mesh.Proxies.All.First()));
    }

    private static VirtualHost HostIn(Translation translated)
        => translated.Resources.Select(resource => resource.Message).OfType<RouteConfiguration>().Single(routes => routes.Name == "rds-outbound.80").VirtualHosts.Single(host => host.Domains.Contains("web"));

    private OfflineMesh Compile(string route, string objects = "", string mesh = TranslationTests.Mesh) => CompileWith(_folder.Write(manifest: Manifest, template: Template(route)).Load(), objects, mesh);

    private OfflineMesh CompileWith(PluginSet set, string objects, string mesh)
    {
        Assert.Empty(set.Diagnostics);
        var file = ManifestReader.Read(mesh + PluginFolder.Script("a", "{code: route, targetRef: {kind: Service, name: web}}") + objects + (objects.Contains("name: other", StringComparison.Ordinal) ? "" : Other) + (objects.Contains("kind: HTTPRouteGroup\n", StringComparison.Ordinal) ? "" : Group), "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        return OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), (policy, snapshot, options) => _contributions = set.Contribute(policy, snapshot, options));
    }
}
