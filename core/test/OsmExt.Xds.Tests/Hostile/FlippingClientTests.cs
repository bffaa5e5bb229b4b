using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Envoy;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.Streams;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>Clients that change their mind without end. Time stands still unless a test moves it.</summary>
[Collection(nameof(Alone))]
public sealed class FlippingClientTests : HostileTests
{
    private const int Burst = 120;
    private const int PerSecond = 20;
    private static readonly string[] Cases = ["first", "ack", "nack", "stale", "subscription"];
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("delta", "EDS", "a", "b", "c")]
    [InlineData("sotw", "EDS", "a", "b", "c")]
    [InlineData("delta", "LDS", "*")]
    [InlineData("sotw", "LDS", "*")]
    public async Task What_is_said_and_taken_back_in_turn_is_heard_at_the_clients_rate(string variant, string type, params string[] names)
    {
        var flipping = Open(variant);
        for (var i = 0; i < Burst + (5 * PerSecond); i++)
        {
            await FlipAsync(flipping, type, isOn: i % 2 == 0, names);
        }

        // The first request of a stream is what lets it in, and comes before the rate.
        for (var heard = Burst + 1; heard < Burst + (4 * PerSecond); heard += PerSecond)
        {
            await Eventually.HoldsAsync(() => Heard(type) >= heard, "what it may say is heard");
            await OthersAreServedAsync();
            await OthersAreServedAsync();
            Assert.Equal(heard, Heard(type));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Of_names_that_were_taken_back_nothing_is_kept(string variant)
    {
        var flipping = Open(variant);
        await flipping.AskAsync("EDS", "first");
        await flipping.NextAsync("EDS");
        var growth = await GrowthAsync(async () =>
        {
            for (var part = 0; part < 40; part++)
            {
                string[] names = [.. Enumerable.Range(0, 5_000).Select(i => $"{part}.{i}")];
                await FlipAsync(flipping, "EDS", isOn: true, names);
                await FlipAsync(flipping, "EDS", isOn: false, names);
            }

            await BarrierAsync(flipping);
        });

        // 200,000 names are 15 MB, were they kept.
        Assert.InRange(growth, double.MinValue, 5);
        var type = Server.Registry.Describe("hostile").Single().Types.Single(type => type.TypeUrl == TypeUrls.Endpoint);
        Assert.Equal((0, 0), (type.Names.Count(name => name != "first"), type.Resources.Count));
        Assert.InRange(type.Pending, 0, 1);
        await OthersAreServedAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_wildcard_that_is_taken_back_leaves_nothing_and_each_is_answered_once(string variant)
    {
        Server.Change([.. Enumerable.Range(0, 300).Select(i => Some.StaticCluster($"c-{i}"))]);
        await OthersAreServedAsync();
        var flipping = Open(variant);
        for (var round = 0; round < 20; round++)
        {
            await FlipAsync(flipping, "CDS", isOn: true, "*");
            var all = await flipping.NextAsync("CDS");
            Assert.Equal(301, all.Resources.Count);
            await flipping.AckAsync(all);
            await FlipAsync(flipping, "CDS", isOn: false, "*");
        }

        await BarrierAsync(flipping);
        var type = Server.Registry.Describe("hostile").Single().Types.Single(type => type.TypeUrl == TypeUrls.Cluster);
        Assert.Equal((false, 0, 0, 0), (type.Wildcard, type.Names.Count, type.Resources.Count, type.Pending));
        await OthersAreServedAsync();
        await flipping.NothingElseAsync();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Who_flips_without_answering_has_one_response_on_its_way(string variant)
    {
        var flipping = Open(variant);
        await flipping.AskAsync("CDS", "*");
        var first = await flipping.NextAsync("CDS");
        for (var i = 0; i < 50; i++)
        {
            // A nonce that is not the last one's answers nothing.
            await flipping.SayAsync("CDS", "invented");
            if (variant == "delta")
            {
                await FlipAsync(flipping, "CDS", isOn: i % 2 == 1, "*");
            }
        }

        await BarrierAsync(flipping);
        Assert.Equal(2, flipping.Count);
        await flipping.AckAsync(first);
        if (variant == "delta")
        {
            Assert.Single((await flipping.NextAsync("CDS")).Resources);
        }

        await OthersAreServedAsync();
    }

    private protected override void Configure(XdsServerOptions options) => (options.RequestsPerSecond, options.RequestBurst) = (PerSecond, Burst);

    private protected override void Customize(IServiceCollection services) => services.AddSingleton<TimeProvider>(_clock);

    private static Task FlipAsync(Peer peer, string type, bool isOn, params string[] names) => isOn ? peer.AskAsync(type, names) : peer.DropAsync(type, names);

    /// <summary>Waits until all that was said is heard.</summary>
    private static async Task BarrierAsync(Peer peer)
    {
        const string Nobodys = "type.googleapis.com/test.Heard";
        await peer.AskAsync(Nobodys, "none");
        await peer.AckAsync(await peer.NextAsync(Nobodys));
    }

    private double Heard(string type) => Cases.Sum(of => Server.Metrics.Requests.WithLabels(type == "EDS" ? "endpoint" : "listener", of).Value);
}
