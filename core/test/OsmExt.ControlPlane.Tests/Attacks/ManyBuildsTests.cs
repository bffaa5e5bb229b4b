using System.Runtime.CompilerServices;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Serving;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Protocol;

namespace OsmExt.ControlPlane.Tests.Attacks;

/// <summary>Proxies that say they are another build of Envoy each time, so that each time there is a configuration to be made.</summary>
public sealed class ManyBuildsTests : IDisposable
{
    private static readonly WorkloadIdentity Store = new("cluster.local", "shop", "store");
    private readonly MeshDirectory _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData("delta")]
    [InlineData("sotw")]
    public async Task One_that_claims_to_be_many_makes_few_scopes_and_others_are_served(string variant)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var plane = await RunningControlPlane.StartAsync(_mesh, time);
        await using var neighbour = await plane.ConnectAsync(Shop.Store2, "delta");
        var scopes = plane.Get<ScopePublisher>();
        Assert.Equal(1, scopes.Count);

        Assert.Equal(BuildLimits.OfProxy, await ServedAsync(plane, variant, 0, 40));
        Assert.Equal(1 + BuildLimits.OfProxy, scopes.Count);
        Assert.Contains("too many different builds of Envoy", plane.Logs.Text, StringComparison.Ordinal);
        await using (var again = await plane.ConnectAsync(Shop.Store2, "delta", neighbour))
        {
            Assert.True(again.IsComplete);
        }

        // What was made for it goes, and it may say once more what it is; at no time are there more.
        time.Advance(ScopePublisher.IdleScopeLifetime + TimeSpan.FromSeconds(2));
        await plane.SettledAsync();
        Assert.Equal(BuildLimits.OfProxy, await ServedAsync(plane, variant, 100, 40));
        Assert.InRange(scopes.Count, BuildLimits.OfProxy, 1 + BuildLimits.OfProxy);
    }

    [Fact]
    public void A_service_account_has_few_builds_however_many_proxies_it_has()
    {
        var time = new FakeTimeProvider();
        var limits = new BuildLimits(time);
        var taken = Enumerable.Range(0, 100).Count(number => limits.TryTake($"shop/store-{number}", Store, Build(number)));
        Assert.Equal(BuildLimits.OfAccount, taken);

        // What some of them are already, all of them may be; and another account has its own.
        Assert.All(Enumerable.Range(0, 100), number => Assert.True(limits.TryTake($"shop/store-{number}", Store, Build(0))));
        Assert.True(limits.TryTake("shop/buyer", Store with { ServiceAccount = "buyer" }, Build(99)));
    }

    [Fact]
    public void What_has_a_stream_counts_and_what_has_none_is_forgotten_after_a_while()
    {
        var time = new FakeTimeProvider();
        var limits = new BuildLimits(time);
        for (var number = 0; number < BuildLimits.OfProxy; number++)
        {
            Assert.True(limits.TryTake("shop/store", Store, Build(number)));
        }

        limits.Connected("shop/store", Build(0));
        Assert.False(limits.TryTake("shop/store", Store, Build(10)));
        time.Advance(ScopePublisher.IdleScopeLifetime + TimeSpan.FromSeconds(1));
        for (var number = 1; number < BuildLimits.OfProxy; number++)
        {
            Assert.True(limits.TryTake("shop/store", Store, Build(10 + number)));
        }

        Assert.False(limits.TryTake("shop/store", Store, Build(20)));
        limits.Disconnected("shop/store", Build(0));
        Assert.False(limits.TryTake("shop/store", Store, Build(20)));
        time.Advance(ScopePublisher.IdleScopeLifetime + TimeSpan.FromSeconds(1));
        Assert.True(limits.TryTake("shop/other", Store, Build(0)));
        Assert.Equal(1, limits.Count);
    }

    [Fact]
    public void What_is_no_version_and_no_name_is_not_read()
    {
        var known = new NodeCapabilities();
        string[] types = [Router.Descriptor.FullName, RBAC.Descriptor.FullName];
        var read = known.Of(NodeOf("1.40.0", types), XdsVariant.Delta);
        Assert.Equal(types.Order(StringComparer.Ordinal), read.TypeUrls.Order(StringComparer.Ordinal));
        Assert.Same(read, known.Of(NodeOf("1.40.0", [.. types.Reverse(), types[0]]), XdsVariant.Delta));
        Assert.Same(read, known.Of(NodeOf("1.40.0", [.. types, "", "\u001b[2J", "of Type", new string('x', 100_000)]), XdsVariant.Delta));
        Assert.NotSame(read, known.Of(NodeOf("1.40.0", [types[0]]), XdsVariant.Delta));
        Assert.Empty(known.Of(NodeOf("1.40.0", ["made/up"]), XdsVariant.Delta).TypeUrls);
        foreach (var version in new[] { "", "newest", "1.40.0\r\nforged", new string('9', 1000), "4294967295.0.0" })
        {
            Assert.Equal("", known.Of(NodeOf(version, types), XdsVariant.Delta).Version);
        }
    }

    [Fact]
    public void Builds_that_nobody_has_any_more_are_forgotten()
    {
        var known = new NodeCapabilities();
        var kept = known.Of(NodeOf("1.40.0", []), XdsVariant.Delta);
        for (var round = 0; round < 20; round++)
        {
            Claim(known, round * 100, 100);
            GC.Collect();
        }

        // All together are two thousand.
        Assert.InRange(known.Count, 1, 400);
        Assert.Same(kept, known.Of(NodeOf("1.40.0", []), XdsVariant.Delta));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Claim(NodeCapabilities known, int from, int count)
    {
        for (var number = from; number < from + count; number++)
        {
            known.Of(NodeOf($"1.{number}.0", []), XdsVariant.Delta);
        }
    }

    /// <summary>How many of so many builds it is served as, one after the other.</summary>
    private static async Task<int> ServedAsync(RunningControlPlane plane, string variant, int from, int count)
    {
        var identity = plane.IdentityOf(Shop.Store1);
        var served = 0;
        for (var number = from; number < from + count; number++)
        {
            await using var client = plane.Client(plane.CertificateOf(identity), identity.NodeId, NodeOf($"1.{number}.0", [Router.Descriptor.FullName]));
            var status = variant == "delta" ? await EndAsync(client.OpenDelta()) : await EndAsync(client.OpenStateOfTheWorld());
            served += status.StatusCode == StatusCode.OK ? 1 : 0;
            Assert.Contains(status.StatusCode, new[] { StatusCode.OK, StatusCode.ResourceExhausted });
        }

        return served;
    }

    private static async Task<Status> EndAsync(DeltaTestStream stream)
    {
        await using (stream)
        {
            await stream.SubscribeAsync(TypeUrls.Cluster, "*");
            await Task.WhenAny(stream.NextAsync(), stream.Ended).WaitAsync(Wait.Bound);
            await stream.CompleteAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await stream.Ended.WaitAsync(Wait.Bound);
        }
    }

    private static async Task<Status> EndAsync(SotwTestStream stream)
    {
        await using (stream)
        {
            await stream.RequestAsync(TypeUrls.Cluster);
            await Task.WhenAny(stream.NextAsync(), stream.Ended).WaitAsync(Wait.Bound);
            await stream.CompleteAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await stream.Ended.WaitAsync(Wait.Bound);
        }
    }

    private static ProxyCapabilities Build(int number) => new($"1.{number}.0", []);

    private static Node NodeOf(string version, string[] types)
        => new() { UserAgentName = "envoy", UserAgentVersion = version, Extensions = { types.Select(type => new Extension { TypeUrls = { type } }) } };
}
