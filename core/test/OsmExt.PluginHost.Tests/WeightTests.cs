using System.Text.Json.Nodes;
using Envoy.Config.Route.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Compiler;
using OsmExt.Envoy;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>A plugin of templates says where traffic to services goes, as TrafficSplits do.</summary>
public sealed class WeightTests : IDisposable
{
    private const string Manifest = """
        id: weights
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: open
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: share, point: weights, direction: outbound, for: Script, template: lua.scriban}
        """;

    private const string Template = """
        backends:
        {{ for entry in spec.many }}{{ parts = string.split entry "=" }}
        - {service: {{ parts[0] }}, weight: {{ string.to_int parts[1] }}}
        {{ end }}
        """;

    private const string Mesh = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: PERMISSIVE}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: all, namespace: shop}
        spec: {matches: [{name: read, pathRegex: "/books/.*", methods: [GET]}, {name: any, pathRegex: ".*"}]}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: TCPRoute
        metadata: {name: tcp, namespace: shop}
        spec: {matches: {ports: [9090]}}
        ---
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: v1, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: v1, namespace: shop}
          sources: [{kind: ServiceAccount, name: web, namespace: shop}]
          rules: [{kind: HTTPRouteGroup, name: all}, {kind: TCPRoute, name: tcp}]

        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void It_does_what_a_split_does(string permissive)
    {
        const string Split = "---\napiVersion: split.smi-spec.io/v1alpha2\nkind: TrafficSplit\nmetadata: {name: s, namespace: shop}\nspec: {service: web, backends: [{service: v1, weight: 9}, {service: v2, weight: 1}, {service: web, weight: 2}]}\n";

        var (byPlugin, bySplit, without) = (Sent(Weights("a", "web", "v1=9", "v2=1", "web=2"), permissive), Sent(Split, permissive), Sent("", permissive));

        Assert.Equal(bySplit, byPlugin);
        Assert.NotEqual(bySplit, without);
    }

    [Fact]
    public void Single_requests_are_split_as_by_a_split_with_matches()
    {
        const string Split = "---\napiVersion: split.smi-spec.io/v1alpha4\nkind: TrafficSplit\nmetadata: {name: s, namespace: shop}\nspec: {service: \"web:80\", backends: [{service: v1, weight: 1}], matches: [{kind: HTTPRouteGroup, name: all}]}\n";

        Assert.Equal(Sent(Split), Sent(Script("a", "{kind: HTTPRouteGroup, name: all, service: web, port: 80}", "v1=1")));
    }

    [Theory]
    // One port is nearer than the service, a request nearer than the port; of equals the first by name counts.
    [InlineData("/books/.* GET: v1 1 | .*: v2 1", "a|{kind: Service, name: web}|v1=5", "b|{kind: Service, name: web, port: 80}|v2=1", "c|{kind: HTTPRouteGroup, name: all, sectionName: read, service: web}|v1=1")]
    [InlineData(".*: v1 5", "a|{kind: Service, name: web}|v1=5", "b|{kind: Service, name: web}|v2=1")]
    [InlineData(".*: v1 5", "a|{kind: Service, name: web}, lock: true|v1=5", "b|{kind: Service, name: web, port: 80}|v2=1", "c|{kind: HTTPRouteGroup, name: all, sectionName: read, service: web}|v1=1")]
    // What cannot be carried out leaves traffic where it would go.
    [InlineData(".*: web 100", "a|{kind: Service, name: web}|nosuch=5")]
    [InlineData(".*: web 100", "a|{kind: Service, name: web}|v1=0")]
    [InlineData(".*: v1 1", "a|{kind: Service, name: web}|v1=1|nosuch=5")]
    public void The_nearest_object_counts(string expected, params string[] objects)
        => Assert.Equal(expected, Described(string.Concat(objects.Select(text => text.Split('|')).Select(parts => Script(parts[0], parts[1], parts[2..])))));

    [Theory]
    [InlineData("{kind: Service, name: web}", "nosuch=5", "There is no service shop/nosuch", DiagnosticCodes.DanglingReference)]
    [InlineData("{kind: Service, name: web}", "v1=0", "add up to 0, so traffic goes to shop/web itself", DiagnosticCodes.SplitNotApplied)]
    [InlineData("{kind: Service, name: web}", "v1=-1", "A weight is a whole number", DiagnosticCodes.ContributionRefused)]
    [InlineData("{kind: HTTPRouteGroup, name: all, service: web}", "v1=1", "has no requests to tell apart", DiagnosticCodes.SplitNotApplied)]
    [InlineData("{kind: ServiceAccount, name: web}", "v1=1", "share is for traffic to a service", DiagnosticCodes.MatchesNothing)]
    [InlineData("{kind: Service, name: nosuch}", "v1=1", "The mesh has no service shop/nosuch", DiagnosticCodes.MatchesNothing)]
    public void What_has_no_effect_is_told(string target, string backends, string reason, string code)
    {
        var findings = Compile(Script("a", target, backends)).Diagnostics.Where(finding => finding.Code == code && finding.Object is { Kind: "Script" }).ToArray();

        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Contains(reason, finding.Message, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_split_comes_before_plugins_and_the_first_plugin_before_the_second()
    {
        const string Split = "---\napiVersion: split.smi-spec.io/v1alpha2\nkind: TrafficSplit\nmetadata: {name: s, namespace: shop}\nspec: {service: web, backends: [{service: v2, weight: 1}]}\n";
        Assert.Equal(".*: v2 1", Described(Split + Weights("a", "web", "v1=1")));
        Assert.Contains(Compile(Split + Weights("a", "web", "v1=1")).Diagnostics, finding => finding is { Code: DiagnosticCodes.ContributionConflict, Object.Name: "a" }
            && finding.Message.Contains("TrafficSplit shop/s says where port 80 of shop/web goes", StringComparison.Ordinal));

        _folder.Write("other", Manifest.Replace("id: weights", "id: before", StringComparison.Ordinal).Replace("kind: Script", "kind: Other", StringComparison.Ordinal)
            .Replace("for: Script", "for: Other", StringComparison.Ordinal), Template);
        var two = Weights("a", "web", "v1=1") + Weights("b", "web", "v2=3").Replace("kind: Script", "kind: Other", StringComparison.Ordinal);
        Assert.Equal(".*: v2 3", Described(two));
        Assert.Contains(Compile(two).Diagnostics, finding => finding is { Code: DiagnosticCodes.ContributionConflict, Object.Name: "a" }
            && finding.Message.Contains("plugin before (Other shop/b)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("direction: outbound", "direction: inbound", "decided at its clients")]
    [InlineData("direction: outbound", "direction: outbound, merge: append", "One list of weights")]
    [InlineData("{{ for", "{{ proxy.envoy; for", "asks which proxy it is for")]
    public void What_it_may_not_be_is_refused_when_it_is_loaded(string text, string instead, string reason)
    {
        var set = _folder.Write(manifest: Manifest.Replace(text, instead, StringComparison.Ordinal), template: Template.Replace(text, instead, StringComparison.Ordinal)).Load();

        Assert.Contains(set.Diagnostics, finding => finding.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Whose_weights_they_are_stands_on_the_route()
        => Assert.Equal(["Plugin weights", "Script shop/a"], Provenance.Read(Host(Weights("a", "web", "v1=1")).Routes[0].Metadata));

    private static string Weights(string name, string service, params string[] backends) => Script(name, $"{{kind: Service, name: {service}}}", backends);

    private static string Script(string name, string target, params string[] backends) => PluginFolder.Script(name, $"{{many: [{string.Join(", ", backends)}], targetRef: {target}}}");

    private OfflineMesh Compile(string objects, string permissive = "false")
    {
        var set = _folder.Write("weights", Manifest, Template).Load();
        Assert.Empty(set.Diagnostics);
        var text = Mesh.Replace("PERMISSIVE", permissive, StringComparison.Ordinal) + Pod("web") + Pod("v1") + Pod("v2") + objects;
        var file = ManifestReader.Read(text, "in.yaml", new PluginKinds(set.Kinds));
        Assert.Empty(file.Diagnostics);
        return OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), set.Contribute);
    }

    // All that all proxies are sent, without whom it comes from.
    private string Sent(string objects, string permissive = "false")
    {
        var mesh = Compile(objects, permissive);
        return string.Join('\n', mesh.Proxies.All.SelectMany(proxy => mesh.Translate(proxy).Resources).Select(resource => $"{resource.Name}: {Unmarked(resource)}"));
    }

    private static string Unmarked(XdsResource resource)
    {
        var tree = EnvoyJson.ToNode(resource.Message)!;
        Strip(tree);
        return tree.ToJsonString();

        static void Strip(JsonNode? node)
        {
            if (node is JsonObject fields)
            {
                fields.Remove("metadata");
                foreach (var field in fields)
                {
                    Strip(field.Value);
                }
            }
            else if (node is JsonArray list)
            {
                foreach (var entry in list)
                {
                    Strip(entry);
                }
            }
        }
    }

    private VirtualHost Host(string objects)
    {
        var mesh = Compile(objects, "true");
        return mesh.Translate(mesh.Proxies.All.Single(proxy => proxy.Pod.Name == "web")).Resources.Select(resource => resource.Message).OfType<RouteConfiguration>()
            .Single(routes => routes.Name == "rds-outbound.80").VirtualHosts.Single(host => host.Domains.Contains("web"));
    }

    private string Described(string objects) => string.Join(" | ", Host(objects).Routes.Select(route =>
        $"{string.Join(' ', [route.Match.SafeRegex.Regex, .. route.Match.Headers.Select(header => header.StringMatch.Exact)])}: "
        + string.Join(' ', route.Route_.WeightedClusters.Clusters.Select(entry => $"{entry.Name.Split('/')[1].Split('|')[0]} {entry.Weight}"))));

    private static string Pod(string name) => """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: NAME, namespace: shop, labels: {app: NAME}}
        spec: {serviceAccountName: NAME, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.NUMBER}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: NAME, namespace: shop}
        spec:
          clusterIP: 10.96.0.NUMBER
          selector: {app: NAME}
          ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 90, targetPort: 9090, appProtocol: tcp}]

        """.Replace("NAME", name, StringComparison.Ordinal).Replace("NUMBER", $"{name[^1] % 10}", StringComparison.Ordinal);
}
