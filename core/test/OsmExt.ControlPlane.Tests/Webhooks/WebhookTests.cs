using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.ControlPlane.Webhooks;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.Webhooks;

/// <summary>What an API server that really calls the webhooks tells who writes objects.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private WebhookCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await WebhookCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_pod_is_injected_with_sidecar_containers()
    {
        var pod = await _cluster.PodAsync("cart", "carter");

        Assert.Equal(["osm-init", "osm-agent", "envoy"], pod["spec"]!["initContainers"]!.AsArray().Select(container => (string)container!["name"]!));
        var roots = pod["spec"]!["initContainers"]![1]!["env"]!.AsArray().Single(variable => (string?)variable!["name"] == "OSM_ROOTS");
        Assert.Equal(_cluster.Plane.Get<Identity.CertificateAuthority>().XdsBundle.Pem, (string?)roots!["value"]);
    }

    [Theory]
    [InlineData("TrafficTarget", "access.smi-spec.io/v1alpha3", "traffictargets",
        "destination: {kind: ServiceAccount, name: a, namespace: elsewhere}\nsources: [{kind: ServiceAccount, name: b, namespace: shop}]\nrules: [{kind: TCPRoute, name: t}]",
        "OSM2003")]
    [InlineData("HTTPRouteGroup", "specs.smi-spec.io/v1alpha4", "httproutegroups", "matches: [{name: m, pathRegex: \"(\", methods: [GET]}]", "OSM2008")]
    [InlineData("HTTPRouteGroup", "specs.smi-spec.io/v1alpha4", "httproutegroups", "matches: [{name: m, pathRegex: \"/books(\", methods: [GET]}]", "OSM2008")]
    public async Task What_the_mesh_would_refuse_is_refused_in_its_words(string kind, string apiVersion, string plural, string spec, string code)
    {
        var refused = await Assert.ThrowsAsync<ClusterCallException>(() => CreateAsync(kind, apiVersion, plural, spec));

        Assert.Contains($"error {code}: {kind} shop/x", refused.Message, StringComparison.Ordinal);
        Assert.Null(await _cluster.Cluster.FindAsync(apiVersion, kind, "shop", "x"));
    }

    [Fact]
    public async Task What_others_are_to_blame_for_is_let_through()
        => Assert.NotNull(await CreateAsync("TrafficTarget", "access.smi-spec.io/v1alpha3", "traffictargets",
            "destination: {kind: ServiceAccount, name: a, namespace: shop}\nsources: [{kind: ServiceAccount, name: b, namespace: shop}]\nrules: [{kind: TCPRoute, name: not-there-yet}]"));

    [Fact]
    public async Task Without_webhooks_only_the_mesh_s_own_pods_and_policy_stop()
    {
        await _cluster.Cluster.ApplyAsync("apiVersion: v1\nkind: Namespace\nmetadata: {name: outside}");
        await _cluster.Cluster.ApplyAsync("apiVersion: v1\nkind: Namespace\nmetadata: {name: exempt, labels: {openservicemesh.io/monitored-by: osm, openservicemesh.io/ignore: \"true\"}}");
        foreach (var ns in new[] { "outside", "exempt", "osm-system", "kube-system" })
        {
            await _cluster.Cluster.ApplyAsync($"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: default, namespace: {ns}}}");
        }

        await CreateAsync("TCPRoute", "specs.smi-spec.io/v1alpha4", "tcproutes", "matches: {ports: [80]}");
        await _cluster.StopAsync();

        foreach (var ns in new[] { "outside", "exempt", "osm-system", "kube-system" })
        {
            await _cluster.Cluster.ApplyAsync($"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: {ns}}}\nspec: {{containers: [{{name: c, image: i}}]}}");
        }

        await _cluster.Cluster.ApplyAsync("apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec: {ports: [{port: 80}]}");
        await _cluster.Cluster.DeleteAsync("specs.smi-spec.io/v1alpha4", "TCPRoute", "shop", "x");
        await Assert.ThrowsAsync<ClusterCallException>(() => CreateAsync("TCPRoute", "specs.smi-spec.io/v1alpha4", "tcproutes", "matches: {ports: [80]}"));
        await Assert.ThrowsAsync<ClusterCallException>(() => _cluster.Cluster.ApplyAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: {containers: [{name: c, image: i}]}"));
    }

    [Theory]
    [InlineData("/mutate-pod-creation")]
    [InlineData("/validate")]
    [InlineData("/convert")]
    public async Task What_is_no_question_is_answered_with_a_line(string path)
    {
        foreach (var body in new[] { "", "{", "[]", "null", "5", "{}", """{"a":1,"a":2}""", new string('[', 1000), """{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"x"}}""" })
        {
            var (status, text) = await _cluster.PostAsync(path, WebhookCluster.Json(body));
            Assert.True(status == HttpStatusCode.BadRequest, $"{body}: {status} {text}");
            Assert.Equal(1, text.Count(letter => letter == '\n'));
        }

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await _cluster.PostAsync(path, new StringContent("a: b", Encoding.UTF8, "application/yaml"))).Status);
        var large = new ByteArrayContent(new byte[(path == "/convert" ? WebhookEndpoints.MostConversionBytes : WebhookEndpoints.MostAdmissionBytes) + 1]);
        large.Headers.ContentType = new("application/json");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _cluster.PostAsync(path, large)).Status);
    }

    [Fact]
    public async Task Old_versions_are_converted_and_nothing_is_lost_on_the_way()
    {
        await _cluster.UntilConvertedAsync("trafficsplits.split.smi-spec.io");
        await CreateAsync("TrafficSplit", "split.smi-spec.io/v1alpha4", "trafficsplits",
            "service: web\nbackends: [{service: web, weight: 1}]\nmatches: [{kind: HTTPRouteGroup, name: beta, apiGroup: specs.smi-spec.io}]");
        var call = new ApiCall("get", "trafficsplits", "apis/split.smi-spec.io/v1alpha2/namespaces/shop/trafficsplits/x");

        var old = await _cluster.Cluster.Client.AskAsync(call, CancellationToken.None);
        Assert.Null(old["spec"]!["matches"]);
        old["spec"]!["backends"]![0]!["weight"] = 7;
        await _cluster.Cluster.Client.AskAsync(call with { Verb = "update", Body = old.DeepClone() }, CancellationToken.None);

        var now = await _cluster.Cluster.FindAsync("split.smi-spec.io/v1alpha4", "TrafficSplit", "shop", "x");
        Assert.Equal((7, "beta"), ((int)now!["spec"]!["backends"]![0]!["weight"]!, (string?)now["spec"]!["matches"]![0]!["name"]));
    }

    [Fact]
    public async Task A_definition_that_leads_nowhere_is_led_here_and_another_mesh_s_is_left_alone()
    {
        await LeadAsync("meshconfigs.config.openservicemesh.io", "nowhere");
        await LeadAsync("trafficsplits.split.smi-spec.io", "other-mesh");
        await _cluster.Cluster.ApplyAsync("apiVersion: v1\nkind: Namespace\nmetadata: {name: other-mesh}");
        await _cluster.Cluster.ApplyAsync("apiVersion: v1\nkind: Service\nmetadata: {name: osm-validator, namespace: other-mesh}\nspec: {ports: [{port: 9090}]}");
        await Wait.UntilAsync(() => _cluster.Plane.Get<ResourceStore>().Snapshot.Find<Sdk.Resources.Service>(new("Service", "other-mesh", "osm-validator")) is not null, () => _cluster.Plane.Logs.Text);

        // Within a minute it would be by itself.
        await _cluster.Plane.Get<IEnumerable<IHostedService>>().OfType<WebhookRegistration>().Single().MendAsync(CancellationToken.None);
        Assert.Equal(("osm-system", true), await LedAsync("meshconfigs.config.openservicemesh.io"));
        Assert.Equal(("other-mesh", false), await LedAsync("trafficsplits.split.smi-spec.io"));

        Task LeadAsync(string definition, string ns) => _cluster.Cluster.Client.AskAsync(
            new("patch", "customresourcedefinitions", ApiResource.CustomResourceDefinitions.Of("", definition))
            {
                Body = JsonNode.Parse($$$"""{"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": null, "service": {"namespace": "{{{ns}}}" } } } } } }"""), ContentType = ApiCall.MergePatch,
            }, CancellationToken.None);

        async Task<(string, bool)> LedAsync(string definition)
        {
            var client = (await _cluster.Cluster.FindAsync("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", definition))!["spec"]!["conversion"]!["webhook"]!["clientConfig"]!;
            return ((string)client["service"]!["namespace"]!, client["caBundle"] is not null);
        }
    }

    private Task<JsonNode> CreateAsync(string kind, string apiVersion, string plural, string spec)
    {
        var value = TestCluster.Read($"apiVersion: {apiVersion}\nkind: {kind}\nmetadata: {{name: x, namespace: shop}}\nspec:\n  {spec.ReplaceLineEndings("\n  ")}").Single();
        return _cluster.Cluster.Client.AskAsync(new("create", plural, $"apis/{apiVersion}/namespaces/shop/{plural}") { Body = value }, CancellationToken.None);
    }
}
