using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.Streams;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>Clients that ask for much and read nothing. Each response is far larger than what buffers on the way take.</summary>
public abstract class SlowReaderTests : HostileTests
{
    private const int Megabyte = 1024 * 1024;

    private protected async Task<Peer> StuckAsync(string variant, string proxyId)
    {
        var stuck = Open(variant, proxyId, read: false);
        await stuck.AskAsync("RDS", "large");
        await Eventually.HoldsAsync(
            () => Server.Registry.Describe(proxyId) is [{ Types: [{ Unanswered: true }] }] || Server.Metrics.WriteTimeouts.Value > 0,
            "its response is on its way");
        return stuck;
    }

    private protected void PublishLarge() => Server.Change(Some.Route("large", 1, 4 * Megabyte));

    [Collection(nameof(Alone))]
    public sealed class WithAWaitingRoom : SlowReaderTests
    {
        [Theory]
        [MemberData(nameof(Variants))]
        public async Task A_slow_reader_is_moved_aside_and_gets_all_when_it_reads(string variant)
        {
            PublishLarge();
            var stuck = await StuckAsync(variant, "slow");
            await OthersAreServedAsync();
            await OthersAreServedAsync();
            Assert.Equal(0, Server.Metrics.WriteTimeouts.Value);
            stuck.StartReading();
            Assert.Equal("RDS large", await stuck.TakeAsync());
        }

        private protected override void Configure(XdsServerOptions options)
            => (options.PushSlots, options.SlowSlots, options.SlowWrite, options.WriteTimeout)
                = (1, 1, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
    }

    [Collection(nameof(Alone))]
    public sealed class WithoutAWaitingRoom : SlowReaderTests
    {
        [Theory]
        [MemberData(nameof(Variants))]
        public async Task A_write_has_to_wait_for_a_slot_and_a_stuck_one_is_given_up(string variant)
        {
            PublishLarge();
            var stuck = await StuckAsync(variant, "slow");
            await OthersAreServedAsync();
            Assert.Equal(1, Server.Metrics.WriteTimeouts.Value);
            await OnlyTheWitnessIsLeftAsync();
            stuck.StartReading();
            Assert.NotEqual(Grpc.Core.StatusCode.OK, (await stuck.Ended.WaitAsync(Eventually.Patience)).StatusCode);
        }

        [Theory]
        [MemberData(nameof(Variants))]
        public async Task Many_stuck_readers_cost_a_slot_each_at_a_time_and_no_more(string variant)
        {
            PublishLarge();
            const int Readers = 6;
            for (var i = 0; i < Readers; i++)
            {
                await StuckAsync(variant, $"slow-{i}");
            }

            await OthersAreServedAsync();
            await OnlyTheWitnessIsLeftAsync();
            Assert.Equal(Readers, Server.Metrics.WriteTimeouts.Value);
            await OthersAreServedAsync();
        }

        private protected override void Configure(XdsServerOptions options)
            => (options.PushSlots, options.SlowSlots, options.WriteTimeout) = (1, 0, TimeSpan.FromSeconds(1));
    }
}
