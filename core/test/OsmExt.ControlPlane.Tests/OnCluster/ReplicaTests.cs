using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Reporting;
using OsmExt.ControlPlane.Roots;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Injection;
using OsmExt.Sdk.Status;
using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.OnCluster;

/// <summary>Control planes on a cluster: several are as good as one.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        await ApplyShopAsync(_cluster);
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>The mesh that the tests of running control planes have, in a cluster.</summary>
    internal static async Task ApplyShopAsync(TestCluster cluster)
    {
        foreach (var yaml in new[] { Shop.Config(), Shop.Workloads, Shop.StoreEndpoints(), Shop.TillEndpoints, Shop.Policy() })
        {
            foreach (var value in TestCluster.Read(yaml))
            {
                if ((string?)value["kind"] == "Pod")
                {
                    // As injection leaves it.
                    value["metadata"]!["labels"]![WellKnown.ProxyUuid] = $"{new Guid(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes((string)value["metadata"]!["name"]!)).AsSpan(0, 16))}";
                    var account = (string)value["spec"]!["serviceAccountName"]!;
                    if (await cluster.FindAsync("v1", "ServiceAccount", "shop", account) is null)
                    {
                        await cluster.ApplyAsync($"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {account}, namespace: shop}}");
                    }
                }

                if (value["metadata"]!["namespace"] is { } ns && await cluster.FindAsync("v1", "Namespace", "", (string)ns!) is null)
                {
                    await cluster.ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ns}}}");
                }

                await cluster.ApplyAsync(value);
            }
        }
    }

    /// <summary>Says that replicas serve, as a cluster says it of pods of the Service.</summary>
    internal static Task ServeAsync(TestCluster cluster, params string[] replicas) => cluster.ApplyAsync($$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: osm-controller-1, namespace: osm-system, labels: {kubernetes.io/service-name: osm-controller} }
        addressType: IPv4
        ports: [{name: xds, port: 15128}]
        endpoints: [{{string.Join(", ", replicas.Select((replica, i) => $$"""{addresses: [10.1.0.{{i + 1}}], conditions: {ready: true}, targetRef: {kind: Pod, name: {{replica}}, namespace: osm-system} }"""))}}]
        """);

    [Fact]
    public void What_a_replica_says_of_its_proxies_is_read_as_it_was_written()
    {
        var report = new ReplicaReport
        {
            Roots = "{}",
            Evidence = [new(ProxyMarks.Of(["shop/a", "shop/b"]), new("", ProxyPresence.Connected) { Trusts = ["one"], Presents = ["one", "other"], ConnectionsAfter = [3], Accepts = null })],
            Away = ProxyMarks.Of(["shop/c"]),
            Objects = ImmutableDictionary<string, ObjectShare>.Empty
                .Add("TrafficTarget shop/store", new(4, new() { Proxies = new(5, 3), Held = 1, Refused = [new("shop/a", "listener", "no", DateTimeOffset.UnixEpoch)], Targets = [new("one", new(1, 1)), new("two", new(4, 2))] }))
                .Add("TrafficTarget shop/other", new(1, ObjectProgress.None)),
        };
        var read = ReplicaReport.Read(report.ToBytes())!;
        Assert.Equal(report.ToBytes(), read.ToBytes());
        Assert.Equal(report.Objects["TrafficTarget shop/store"], read.Objects!["TrafficTarget shop/store"]);
        Assert.Equal([ProxyMarks.MarkOf("shop/c")], read.Away.Marks);
        Assert.Equal((report.Evidence[0].Proxies, true), (read.Evidence[0].Proxies, SameEvidence.Comparer.Equals(report.Evidence[0].Known, read.Evidence[0].Known)));
        Assert.Null(ReplicaReport.Read("nonsense"u8.ToArray()));

        // What is not read counts for nobody; what has changed since counts as not there.
        var own = new ObjectProgress { Proxies = new(2, 2) };
        Assert.Equal((new ProxyShare(7, 5), 0), Of(own.With(read.Objects["TrafficTarget shop/store"], 4)));
        Assert.Equal((new ProxyShare(2, 2), 1), Of(own.With(read.Objects["TrafficTarget shop/store"], 5)));
        Assert.Equal((new ProxyShare(2, 2), 1), Of(own.With(null, 4)));

        static (ProxyShare, int) Of(ObjectProgress progress) => (progress.Proxies, progress.Behind);
    }

    [Fact]
    public async Task What_replicas_say_goes_with_them()
    {
        await using var one = await RunningControlPlane.StartAsync(_cluster, "one");
        await Wait.UntilAsync(() => one.Get<IReplicas>().IsLeader, () => one.Logs.Text);
        Assert.Null(await _cluster.FindAsync("v1", "ConfigMap", "osm-system", ReplicaReporter.Name));
        var other = await RunningControlPlane.StartAsync(_cluster, "other");
        await Wait.UntilAsync(() => one.Get<ReplicaBoard>().Reports.ContainsKey("other"), () => other.Logs.Text);
        await other.DisposeAsync();
        await Wait.UntilAsync(() => one.Get<ReplicaBoard>().Reports.IsEmpty && one.Get<ReplicaBoard>().SinceLoss is not null, () => one.Logs.Text);
    }

    [Fact]
    public async Task Replicas_that_start_at_once_have_one_root_and_one_leader()
    {
        var started = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => RunningControlPlane.StartAsync(_cluster, $"replica-{number}")));
        try
        {
            Assert.Single(started.Select(plane => plane.Get<CertificateAuthority>().Bundle.Pem).Distinct());
            var secret = await _cluster.FindAsync("v1", "Secret", "osm-system", "osm-ca-bundle");
            Assert.Equal(started[0].Get<CertificateAuthority>().Bundle.Pem, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)secret!["data"]!["ca.crt"]!)));
            Assert.NotNull(secret["data"]!["private.key"]);
            await Wait.UntilAsync(() => started.Count(plane => plane.Get<IReplicas>().IsLeader) == 1, () => "No leader");
        }
        finally
        {
            foreach (var plane in started)
            {
                await plane.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData(Shop.Buyer)]
    [InlineData(Shop.Store1)]
    public async Task A_proxy_that_moves_to_another_replica_is_sent_nothing_it_has(string pod)
    {
        await using var one = await RunningControlPlane.StartAsync(_cluster, "one");
        await using var other = await RunningControlPlane.StartAsync(_cluster, "other");
        await using var before = await one.ConnectAsync(pod, "delta");
        await before.DisposeAsync();
        await using var after = await other.ConnectAsync(pod, "delta", before);

        // The first answer of a type has to come, but there is nothing in it.
        Assert.All(after.Log, line => Assert.Equal(3, line.Length));
        Assert.Equal(before.All(TypeUrls.Secret).Keys, after.All(TypeUrls.Secret).Keys);
    }

    [Fact]
    public async Task A_pod_has_a_sidecar_if_it_was_given_one_whatever_its_namespace_says_since()
    {
        await using var plane = await RunningControlPlane.StartAsync(_cluster, "one");
        foreach (var (name, containers) in new[] { ("older", "[{name: app, image: app}]"), ("by-hand", "[{name: app, image: app}, {name: envoy, image: envoy}, {name: osm-agent, image: osm}]") })
        {
            await _cluster.ApplyAsync($$"""
                apiVersion: v1
                kind: Pod
                metadata: {name: {{name}}, namespace: shop}
                spec: {serviceAccountName: buyer, containers: {{containers}}}
                status: {podIP: 10.9.9.{{name.Length}} }
                """);
        }

        await Wait.UntilAsync(() => plane.Pipeline.State?.Proxies.Find(new("Pod", "shop", "by-hand")) is not null && plane.Pipeline.State.Snapshot.Find<Sdk.Resources.Pod>(new("Pod", "shop", "older")) is not null, () => plane.Logs.Text);
        Assert.Null(plane.Pipeline.State!.Proxies.Find(new("Pod", "shop", "older")));
    }

    [Fact]
    public async Task A_restarted_replica_goes_on_with_the_root_there_is()
    {
        string first;
        await using (var plane = await RunningControlPlane.StartAsync(_cluster, "one"))
        {
            first = plane.Get<CertificateAuthority>().Bundle.Pem;
        }

        await using var again = await RunningControlPlane.StartAsync(_cluster, "two");
        Assert.Equal(first, again.Get<CertificateAuthority>().Bundle.Pem);
    }

    [Fact]
    public async Task A_leader_that_stops_hands_over()
    {
        var one = await RunningControlPlane.StartAsync(_cluster, "one");
        await Wait.UntilAsync(() => one.Get<IReplicas>().IsLeader, () => one.Logs.Text);
        await using var other = await RunningControlPlane.StartAsync(_cluster, "other");
        Assert.False(other.Get<IReplicas>().IsLeader);
        await one.DisposeAsync();
        await Wait.UntilAsync(() => other.Get<IReplicas>().IsLeader, () => other.Logs.Text);
    }

    [Fact]
    public async Task A_leader_that_is_cut_off_stops_leading_before_another_begins()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var options = new ClusterOptions { Connection = _cluster.Connection, Replica = "one", Seed = 1 };
        using var client = new ClusterClient(_cluster.Connection.CreateClient(), TimeProvider.System);
        using var one = NewLease(options);
        using var other = NewLease(options with { Replica = "other" });
        await one.LookAsync(CancellationToken.None);
        Assert.True(one.IsLeader);

        // The other sees it for the first time now, and waits for its whole duration from here.
        await other.LookAsync(CancellationToken.None);
        time.Advance(options.LeaseDuration * 2 / 3);
        Assert.False(one.IsLeader);
        await other.LookAsync(CancellationToken.None);
        Assert.False(other.IsLeader);

        time.Advance(options.LeaseDuration / 3);
        await other.LookAsync(CancellationToken.None);
        Assert.True(other.IsLeader);

        // The first finds that out when it is back.
        await one.LookAsync(CancellationToken.None);
        Assert.False(one.IsLeader);
        Assert.Equal("other", (string?)(await _cluster.FindAsync("coordination.k8s.io/v1", "Lease", "osm-system", "osm-controller"))!["spec"]!["holderIdentity"]);

        LeaderLease NewLease(ClusterOptions of) => new(client, of, new(), time, new Microsoft.Extensions.Logging.Abstractions.NullLogger<LeaderLease>());
    }

    [Fact]
    public async Task A_replica_that_is_told_to_stop_is_not_ready_first_and_sends_its_proxies_away()
    {
        var logs = new RecordedLogs();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = RunningControlPlane.Create(_cluster, "one", logs, time, options => options with { DrainDelay = TimeSpan.FromSeconds(5) });
        using var told = new CancellationTokenSource();
        var serving = ClusterControlPlane.ServeAsync(host, told.Token);
        await Wait.UntilAsync(() => logs.Text.Contains("Control plane", StringComparison.Ordinal), () => logs.Text);
        var pump = PumpAsync(time, serving);
        var plane = await RunningControlPlane.ReadyAsync(host, logs);
        await using var proxy = await plane.ConnectAsync(Shop.Buyer, "delta");
        Assert.Equal("Service is ready\n", await plane.HttpTextAsync("/health/ready"));

        await told.CancelAsync();
        await Wait.UntilAsync(() => logs.Text.Contains("About to stop", StringComparison.Ordinal), () => logs.Text);
        await serving.WaitAsync(TimeSpan.FromSeconds(60));
        await pump;
        Assert.True(plane.Get<Http.Readiness>().IsDraining);
    }

    [Fact]
    public async Task Without_news_little_is_asked_of_the_API_server()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var cluster = await TestCluster.StartAsync(new() { Clock = time });
        await ApplyShopAsync(cluster);
        var starting = RunningControlPlane.StartAsync(cluster, "one", time, _ => new() { Connection = cluster.Connection, Replica = "one", Seed = 1 });
        await PumpAsync(time, starting);
        await using var plane = await starting;
        await AdvanceAsync(time, TimeSpan.FromMinutes(1));
        var (before, listsBefore) = (await plane.MetricAsync("osm_api_server_requests_total"), await plane.MetricAsync("osm_api_server_lists_total"));

        // Every watch ends and begins again at least once.
        const int Minutes = 15;
        await AdvanceAsync(time, TimeSpan.FromMinutes(Minutes));
        var perMinute = (await plane.MetricAsync("osm_api_server_requests_total") - before) / Minutes;
        var metrics = string.Join('\n', (await plane.HttpTextAsync("/metrics")).Split('\n').Where(line => line.StartsWith("osm_api_server", StringComparison.Ordinal)));
        Assert.True(perMinute is > 1 and < 15, $"{perMinute} requests a minute:\n{metrics}");
        Assert.Equal(listsBefore, await plane.MetricAsync("osm_api_server_lists_total"));
        Console.WriteLine($"{perMinute} requests a minute\n{metrics}");
    }

    // Moves time on until something has happened that waits for it here and there.
    private static async Task PumpAsync(FakeTimeProvider time, Task until)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!until.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(90), "It does not end");
        }
    }

    // In steps small enough for requests to be answered between them.
    private static async Task AdvanceAsync(FakeTimeProvider time, TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(2))
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }
}
