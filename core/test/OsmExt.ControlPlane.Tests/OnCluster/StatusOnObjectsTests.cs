using System.Text.Json.Nodes;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Status;
using OsmExt.TestedKubernetes;

namespace OsmExt.ControlPlane.Tests.OnCluster;

/// <summary>What users of a cluster see on their objects, and how often it is written.</summary>
public sealed class StatusOnObjectsTests : ShopCluster
{
    [Fact]
    public async Task Conditions_and_events_follow_what_proxies_acknowledge_and_nothing_is_written_without_a_change()
    {
        await using var leader = await RunningControlPlane.StartAsync(Cluster, "leader");
        await Wait.UntilAsync(() => leader.Get<IReplicas>().IsLeader, () => leader.Logs.Text);
        await using var follower = await RunningControlPlane.StartAsync(Cluster, "follower");

        await UntilAsync(leader, "Accepted=True ResolvedRefs=True Programmed=False/NoProxies");
        await ReplicaTests.ServeAsync(Cluster, "leader", "follower");

        // One proxy of each replica's; both count.
        await using var store = await follower.ConnectAsync(Shop.Store1, "delta");
        await using var buyer = await leader.ConnectAsync(Shop.Buyer, "delta");
        await UntilAsync(leader, "Accepted=True ResolvedRefs=True Programmed=True/Programmed");
        await Wait.UntilAsync(
            async () => (await Cluster.FindAsync("config.openservicemesh.io/v1alpha2", "MeshConfig", "osm-system", "osm-mesh-config"))!["status"]?["conditions"]?.AsArray()
                .Any(condition => (string?)condition!["type"] == "Programmed" && (string?)condition["message"] == "All 2 proxies have acknowledged all of it") == true,
            () => leader.Logs.Text);
        var status = (await TargetAsync())["status"]!;
        Assert.Equal((long)(await TargetAsync())["metadata"]!["generation"]!, (long)status["conditions"]![0]!["observedGeneration"]!);
        Assert.Equal(["Normal Programmed"], await EventsAsync("store"));

        // Until nothing has been written for several turns.
        var (written, still) = (0.0, 0);
        await Wait.UntilAsync(
            async () =>
            {
                var now = await leader.MetricAsync("osm_api_server_requests_total", "verb=\"patch\"");
                (written, still) = (now, now == written ? still + 1 : 0);
                return still == 40;
            },
            () => leader.Logs.Text);
        for (var turn = 0; turn < 10; turn++)
        {
            await leader.SettledAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }

        Assert.Equal(written, await leader.MetricAsync("osm_api_server_requests_total", "verb=\"patch\""));
        Assert.Equal(0, await follower.MetricAsync("osm_api_server_requests_total", "resource=\"traffictargets/status\""));
        Assert.Equal(0, await follower.MetricAsync("osm_api_server_requests_total", "resource=\"events\""));
    }

    [KubernetesToolsFact]
    public async Task Kubectl_waits_for_conditions_and_describes_what_happened()
    {
        await using var plane = await RunningControlPlane.StartAsync(Cluster, "one");
        await using var store = await plane.ConnectAsync(Shop.Store1, "delta");
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, "delta");
        Assert.Contains("condition met", await KubectlAsync("wait", "traffictarget/store", "--for=condition=Programmed", "--timeout=30s"), StringComparison.Ordinal);
        Assert.Matches("store +store +True +True", await KubectlAsync("get", "traffictargets"));
        var described = "";
        await Wait.UntilAsync(
            async () => (described = await KubectlAsync("describe", "traffictarget", "store")).Contains("osm-controller", StringComparison.Ordinal), () => described);
        Assert.Matches("Normal +Programmed .*acknowledged all of it", described);
    }

    [Fact]
    public async Task A_new_leader_finds_what_was_written_and_leaves_it()
    {
        DateTimeOffset since;
        await using (var first = await RunningControlPlane.StartAsync(Cluster, "first"))
        {
            await UntilAsync(first, "Accepted=True ResolvedRefs=True Programmed=False/NoProxies");
            since = await TransitionAsync();
        }

        var revision = Cluster.Server.Store.State.Find(new("access.smi-spec.io", "traffictargets"), new("shop", "store"))!.Revision;
        await using var second = await RunningControlPlane.StartAsync(Cluster, "second");
        await Wait.UntilAsync(() => second.Get<IReplicas>().IsLeader, () => second.Logs.Text);
        await Wait.UntilAsync(async () => await second.MetricAsync("osm_api_server_requests_total", "resource=\"traffictargets\"") >= 2, () => second.Logs.Text);
        await second.SettledAsync();
        Assert.Equal(since, await TransitionAsync());
        Assert.Equal(revision, Cluster.Server.Store.State.Find(new("access.smi-spec.io", "traffictargets"), new("shop", "store"))!.Revision);
    }

    [Fact]
    public async Task What_is_wrong_is_told_at_the_object_and_in_an_event()
    {
        await using var plane = await RunningControlPlane.StartAsync(Cluster, "one");
        await UntilAsync(plane, "Accepted=True ResolvedRefs=True Programmed=False/NoProxies");
        await Cluster.DeleteAsync("specs.smi-spec.io/v1alpha4", "HTTPRouteGroup", "shop", "store-routes");
        await UntilAsync(plane, "Accepted=True ResolvedRefs=False Programmed=False/DanglingReference");
        await Wait.UntilAsync(async () => (await EventsAsync("store")).Contains("Warning DanglingReference", StringComparer.Ordinal), () => plane.Logs.Text);
    }

    [Fact]
    public async Task Roots_and_certificates_for_gateways_are_Secrets_and_those_of_others_stay_as_they_are()
    {
        await Cluster.ApplyAsync("apiVersion: v1\nkind: Secret\nmetadata: {name: taken, namespace: osm-system}\ndata: {mine: bWluZQ==}");
        await Cluster.ApplyAsync(Gateway("gateway"));
        await using var plane = await RunningControlPlane.StartAsync(Cluster, "one");
        await Wait.UntilAsync(async () => await SecretAsync("gateway") is not null, () => plane.Logs.Text);
        var secret = (await SecretAsync("gateway"))!;
        Assert.Equal("kubernetes.io/tls", (string?)secret["type"]);
        Assert.Equal(["ca.crt", "tls.crt", "tls.key"], secret["data"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["ca.crt"], (await SecretAsync("osm-ca-roots"))!["data"]!.AsObject().Select(field => field.Key));

        await Cluster.ApplyAsync(Gateway("taken"));
        await Wait.UntilAsync(async () => await SecretAsync("gateway") is null, () => plane.Logs.Text);
        await Wait.UntilAsync(() => plane.Logs.Text.Contains("was made by somebody else", StringComparison.Ordinal), () => plane.Logs.Text);
        Assert.Equal("mine", (await SecretAsync("taken"))!["data"]!.AsObject().Single().Key);
    }

    [Fact]
    public void Events_tell_what_changed_and_not_that_all_is_well_from_the_start()
    {
        var good = Status((ConditionTypes.Accepted, ConditionStatus.True), (ConditionTypes.Programmed, ConditionStatus.False), (ConditionTypes.Degraded, ConditionStatus.False));
        var bad = Status((ConditionTypes.Accepted, ConditionStatus.False), (ConditionTypes.Programmed, ConditionStatus.False), (ConditionTypes.Degraded, ConditionStatus.True));
        Assert.Empty(ObjectEvents.Of(null, good));
        Assert.Equal([(true, "Accepted", "Accepted is False now"), (true, "Degraded", "Degraded is True now")], ObjectEvents.Of(null, bad));
        Assert.Equal([(false, "Accepted", "Accepted is True now"), (false, "Degraded", "Degraded is False now")], ObjectEvents.Of(bad, good));
        Assert.Empty(ObjectEvents.Of(bad, bad));

        static ObjectStatus Status(params (string Type, ConditionStatus Status)[] conditions)
            => new(new("TrafficTarget", "shop", "store"), 1, [.. conditions.Select(condition => new StatusCondition(condition.Type, condition.Status, condition.Type, ""))]);
    }

    private Task<string> KubectlAsync(params string[] arguments) => KubernetesTools.RunAsync("kubectl", ["--kubeconfig", Cluster.Kubeconfig, "--namespace", "shop", .. arguments]);

    private static string Gateway(string secret) => $$"""
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec:
          certificate:
            serviceCertValidityDuration: 24h
            ingressGateway:
              subjectAltNames: [gateway.osm-system.svc]
              validityDuration: 24h
              secret: {name: {{secret}}, namespace: osm-system}
        """;

    private Task<JsonNode?> SecretAsync(string name) => Cluster.FindAsync("v1", "Secret", "osm-system", name);

    private async Task<JsonNode> TargetAsync() => (await Cluster.FindAsync("access.smi-spec.io/v1alpha3", "TrafficTarget", "shop", "store"))!;

    private async Task<DateTimeOffset> TransitionAsync()
        => DateTimeOffset.Parse((string)(await TargetAsync())["status"]!["conditions"]![0]!["lastTransitionTime"]!, System.Globalization.CultureInfo.InvariantCulture);

    private async Task UntilAsync(RunningControlPlane plane, string expected)
    {
        var said = "";
        await Wait.UntilAsync(
            async () =>
            {
                var conditions = (await TargetAsync())["status"]?["conditions"]?.AsArray().ToDictionary(condition => (string)condition!["type"]!, condition => condition!, StringComparer.Ordinal) ?? [];
                said = conditions.Count == 0 ? "nothing" : $"Accepted={conditions["Accepted"]["status"]} ResolvedRefs={conditions["ResolvedRefs"]["status"]} Programmed={conditions["Programmed"]["status"]}/{conditions["Programmed"]["reason"]}";
                return said == expected;
            },
            () => $"{said} instead of {expected}\n{plane.Logs.Text}");
    }

    private async Task<IEnumerable<string>> EventsAsync(string name)
    {
        var list = await Cluster.Client.AskAsync(new("list", "events", ApiResource.Events.In("shop")), CancellationToken.None);
        return list["items"]!.AsArray().Where(item => (string?)item!["regarding"]!["name"] == name && (string?)item["regarding"]!["kind"] == "TrafficTarget")
            .Select(item => $"{item!["type"]} {item["reason"]}").Order(StringComparer.Ordinal).ToArray();
    }
}
