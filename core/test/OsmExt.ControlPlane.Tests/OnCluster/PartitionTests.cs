using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Kubernetes.Cluster;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;
using OsmExt.Tests.Shared;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Tests.OnCluster;

/// <summary>Replicas that are cut off from the API server or from their own time: what they serve is the same, and never do two write.</summary>
public sealed class PartitionTests : ShopCluster
{
    private static readonly ResourceKey Routes = new("HTTPRouteGroup", "shop", "store-routes");
    private static readonly ResourceKey Target = new("TrafficTarget", "shop", "store");

    [Fact]
    public async Task A_leader_that_lost_its_lease_writes_nothing_more_even_if_it_had_begun()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var one = new Writer(Cluster, "one", time);
        using var other = new Writer(Cluster, "other", time);
        await one.Lease.LookAsync(CancellationToken.None);
        await other.Lease.LookAsync(CancellationToken.None);
        Assert.Equal((true, false), (one.Lease.IsLeader, other.Lease.IsLeader));
        await one.Statuses.WriteAsync([Status(Routes, "before"), Status(Target, "before")], [], CancellationToken.None);
        await one.Statuses.ReadAsync(CancellationToken.None);

        // It has begun to write two; the first is on its way when all time stands still for it.
        var held = one.Network.HoldNext(HttpMethod.Patch);
        var writing = one.Statuses.WriteAsync([Status(Routes, "stale"), Status(Target, "stale")], [], CancellationToken.None);
        await held.Arrived.WaitAsync(Wait.Bound);
        time.Advance(new ClusterOptions { Connection = Cluster.Connection, Replica = "" }.LeaseDuration);
        await other.Lease.LookAsync(CancellationToken.None);
        Assert.Equal((false, true), (one.Lease.IsLeader, other.Lease.IsLeader));
        await other.Statuses.ReadAsync(CancellationToken.None);
        await other.Statuses.WriteAsync([Status(Routes, "fresh"), Status(Target, "fresh")], [], CancellationToken.None);

        held.Release();
        await Assert.ThrowsAsync<HttpRequestException>(() => writing.WaitAsync(Wait.Bound));
        Assert.Equal(("fresh", "fresh"), (await ReasonAsync(Routes), await ReasonAsync(Target)));

        // Nor when it begins anew without knowing.
        await Assert.ThrowsAsync<HttpRequestException>(() => one.Statuses.WriteAsync([Status(Routes, "again")], [], CancellationToken.None));
        Assert.Equal("fresh", await ReasonAsync(Routes));
    }

    [Fact]
    public async Task A_write_is_waited_for_no_longer_than_it_is_certain_who_leads()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var one = new Writer(Cluster, "one", time);
        await one.Lease.LookAsync(CancellationToken.None);
        var held = one.Network.HoldNext(HttpMethod.Patch, endsWithItsCaller: true);
        var writing = one.Statuses.WriteAsync([Status(Routes, "late")], [], CancellationToken.None);
        await held.Arrived.WaitAsync(Wait.Bound);
        time.Advance(one.Lease.LeadsFor - TimeSpan.FromTicks(1));
        Assert.False(writing.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        var ended = await Assert.ThrowsAsync<HttpRequestException>(() => writing.WaitAsync(Wait.Bound));
        Assert.Contains("led for certain", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leader_writes_on_top_of_what_users_change()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var one = new Writer(Cluster, "one", time);
        await one.Lease.LookAsync(CancellationToken.None);
        await one.Statuses.WriteAsync([Status(Routes, "first")], [], CancellationToken.None);
        foreach (var value in TestCluster.Read(Shop.Policy("/changed.*")))
        {
            await Cluster.ApplyAsync(value);
        }

        await one.Statuses.WriteAsync([Status(Routes, "second")], [], CancellationToken.None);
        Assert.Equal("second", await ReasonAsync(Routes));
    }

    [Fact]
    public async Task A_clock_that_jumps_neither_makes_nor_unmakes_a_leader()
    {
        var time = new JumpingTime();
        using var one = new Writer(Cluster, "one", time);
        using var other = new Writer(Cluster, "other", time);
        await one.Lease.LookAsync(CancellationToken.None);
        await other.Lease.LookAsync(CancellationToken.None);
        foreach (var jump in new[] { TimeSpan.FromDays(400), TimeSpan.FromDays(-800), TimeSpan.FromMinutes(10), TimeSpan.Zero })
        {
            time.Jump = jump;
            await other.Lease.LookAsync(CancellationToken.None);
            Assert.Equal((true, false), (one.Lease.IsLeader, other.Lease.IsLeader));
            await one.Lease.LookAsync(CancellationToken.None);
            await one.Statuses.WriteAsync([Status(Routes, $"After{Math.Abs(jump.Ticks)}")], [], CancellationToken.None);
            Assert.Equal($"After{Math.Abs(jump.Ticks)}", await ReasonAsync(Routes));
        }
    }

    [Fact]
    public async Task A_replica_that_is_cut_off_serves_what_it_knew_and_then_exactly_what_the_other_does()
    {
        using var network = new Link();
        await using var one = await RunningControlPlane.StartAsync(Cluster, "one");
        await using var other = await RunningControlPlane.StartAsync(Cluster, "other", network: network);
        await using var here = await one.ConnectAsync(Shop.Store1, "delta");
        await using var there = await other.ConnectAsync(Shop.Store2, "delta");
        await SameAsync();

        network.IsCut = true;
        foreach (var value in TestCluster.Read(Shop.Policy("/while-cut-off.*")))
        {
            await Cluster.ApplyAsync(value);
        }

        await Wait.UntilAsync(() => !Versions(one).SequenceEqual(Versions(other)), () => one.Logs.Text);
        await using (var late = await other.ConnectAsync(Shop.Buyer, "delta"))
        {
            Assert.True(late.IsComplete);
        }

        network.IsCut = false;
        await SameAsync();

        Task SameAsync() => Wait.UntilAsync(() => Versions(one).SequenceEqual(Versions(other)), () => string.Join('\n', Versions(one).Except(Versions(other)).Concat(Versions(other).Except(Versions(one)))));
    }

    // Of the scope of the store, without the certificates that each replica issues by itself.
    private static string[] Versions(RunningControlPlane plane)
    {
        var cache = plane.Get<SnapshotCache>();
        return [.. cache.Scopes.Where(scope => ((Sdk.Ir.ProxyScope)scope).Identity.ServiceAccount == "store").Select(scope => cache.Get(scope)!).SelectMany(snapshot => snapshot.TypeUrls.SelectMany(type => snapshot.InOrder(type)))
            .Where(resource => !resource.Name.StartsWith("service-cert:", StringComparison.Ordinal)).Select(resource => $"{resource.TypeUrl} {resource.Name} {resource.Version}").Order(StringComparer.Ordinal)];
    }

    private static ObjectStatus Status(ResourceKey key, string reason) => new(key, 1, [new(ConditionTypes.Accepted, ConditionStatus.True, reason, "")]);

    private async Task<string?> ReasonAsync(ResourceKey key)
        => (string?)(await Cluster.FindAsync(key.Kind == Routes.Kind ? "specs.smi-spec.io/v1alpha4" : "access.smi-spec.io/v1alpha3", key.Kind, key.Namespace, key.Name))!["status"]!["conditions"]![0]!["reason"];

    /// <summary>What writes in a replica, by itself.</summary>
    private sealed class Writer : IDisposable
    {
        private readonly ClusterClient _client;

        public Writer(TestCluster cluster, string replica, TimeProvider time)
        {
            var options = new ClusterOptions { Connection = cluster.Connection, Replica = replica, Seed = 1, StatusesPerSecond = 1000 };
            _client = new(new k8s.Kubernetes(cluster.Connection.Configuration, Network), TimeProvider.System);
            Lease = new(_client, options, new(), time, new NullLogger<LeaderLease>());
            var leader = new LeaderCalls(_client, Lease, time);
            Statuses = new(_client, leader, new(_client), new LivePluginKinds(new PluginsInForce()), new(leader, options, new(), time, new NullLogger<ObjectEvents>()), options, time, new NullLogger<ClusterStatuses>());
        }

        public Link Network { get; } = new();

        public LeaderLease Lease { get; }

        public ClusterStatuses Statuses { get; }

        public void Dispose()
        {
            Lease.Dispose();
            _client.Dispose();
            Network.Dispose();
        }
    }

    /// <summary>A network that can be cut, or hold a request and deliver it later, whoever waits for it.</summary>
    internal sealed class Link : DelegatingHandler
    {
        private Held? _next;

        public bool IsCut { get; set; }

        /// <param name="method">What is held.</param>
        /// <param name="endsWithItsCaller">Whether it goes no further once nobody waits for it.</param>
        public Held HoldNext(HttpMethod method, bool endsWithItsCaller = false) => _next = new(method, endsWithItsCaller);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsCut)
            {
                throw new HttpRequestException("The network is cut");
            }

            if (_next is { } held && held.Method == request.Method)
            {
                _next = null;
                held.Come();
                await held.Released.WaitAsync(held.EndsWithItsCaller ? cancellationToken : CancellationToken.None);
                return await base.SendAsync(request, CancellationToken.None);
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.Query.Contains("watch=1", StringComparison.Ordinal) && response.StatusCode == HttpStatusCode.OK)
            {
                response.Content = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), this));
            }

            return response;
        }

        /// <summary>A watch over it.</summary>
        private sealed class CutStream(Stream inner, Link link) : ReadOnlyStream
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                return link.IsCut ? throw new IOException("The network is cut") : read;
            }
        }
    }

    /// <summary>A request that is on its way for as long as the test wants.</summary>
    internal sealed class Held(HttpMethod method, bool endsWithItsCaller)
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HttpMethod Method => method;

        public bool EndsWithItsCaller => endsWithItsCaller;

        public Task Arrived => _arrived.Task;

        public Task Released => _released.Task;

        public void Come() => _arrived.TrySetResult();

        public void Release() => _released.TrySetResult();
    }

    /// <summary>Time whose clock is set forward and back, as by a broken time server. How long something takes is not a matter of clocks.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero) + Jump;
    }
}
