using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.Xds.Server;
using OsmExt.Xds.Server.Connections;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.Server.Connections;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>Many who connect at once, most of whom mean no good.</summary>
public abstract class CrowdTests : HostileTests
{
    private readonly List<Socket> _sockets = [];

    private protected async Task<Socket[]> CrowdAsync(int count, byte[] says, string from = "127.0.0.2")
    {
        var crowd = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => RawFrames.ConnectAsync(Server.Address, from)));
        _sockets.AddRange(crowd);
        foreach (var socket in crowd.Where(socket => says.Length > 0 && socket.Connected))
        {
            try
            {
                await socket.SendAsync(says);
            }
            catch (SocketException)
            {
                // Refused already.
            }
        }

        return crowd;
    }

    private protected async Task NewcomersAreServedAsync(TimeSpan within)
    {
        var start = TimeProvider.System.GetTimestamp();
        await using var client = Server.Connect("newcomer");
        await using var newcomer = Streams.Peer.Open(client, "delta");
        await newcomer.AskAsync("CDS", "*");
        await newcomer.NextAsync().WaitAsync(Eventually.Patience);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, within);
    }

    private protected static async Task<int> EndedAsync(IEnumerable<Socket> sockets, TimeSpan within)
        => (await Task.WhenAll(sockets.Select(socket => socket.Connected ? RawFrames.IsEndedAsync(new NetworkStream(socket), within) : Task.FromResult(true)))).Count(isEnded => isEnded);

    private protected void Disperse() => _sockets.ForEach(static socket => socket.Dispose());

    [Collection(nameof(Alone))]
    public sealed class Connecting : CrowdTests
    {
        [Fact]
        public async Task One_address_has_so_many_connections_and_all_have_so_many()
        {
            var crowd = await CrowdAsync(100, []);
            Assert.Equal(80, await EndedAsync(crowd, TimeSpan.FromSeconds(2)));
            await NewcomersAreServedAsync(TimeSpan.FromSeconds(20));

            var others = (await Task.WhenAll(Enumerable.Range(0, 10).Select(i => CrowdAsync(20, [], $"127.0.3.{i + 1}")))).SelectMany(some => some).ToArray();
            Assert.InRange(await EndedAsync(others, TimeSpan.FromSeconds(2)), 121, 200);
            Assert.InRange(Server.Metrics.RefusedConnections.WithLabels("connections").Value, 201, 280);
            await OthersAreServedAsync();
            Disperse();
            await Eventually.HoldsAsync(async () => await Record.ExceptionAsync(() => NewcomersAreServedAsync(Eventually.Patience)) is null, "there is room again");
        }

        private protected override void Configure(XdsServerOptions options) => (options.MaxConnections, options.MaxConnectionsPerAddress) = (100, 20);
    }

    [Collection(nameof(Alone))]
    public sealed class Dawdling : CrowdTests
    {
        [Fact]
        public async Task Who_says_nothing_or_stops_in_the_middle_of_the_handshake_takes_nobodys_place()
        {
            var silent = await CrowdAsync(100, []);

            // The first bytes of a handshake, and never the rest.
            var slow = await CrowdAsync(20, [0x16, 3, 1, 2, 0, 1], "127.0.0.4");
            await NewcomersAreServedAsync(TimeSpan.FromSeconds(20));
            await OthersAreServedAsync();
            Assert.Equal(silent.Length, await EndedAsync(silent, Eventually.Patience));
            Assert.Equal(slow.Length, await EndedAsync(slow, Eventually.Patience));
            Disperse();
        }

        private protected override void Configure(XdsServerOptions options)
            => (options.HandshakeSlots, options.SlowHandshake, options.HandshakeTimeout) = (2, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3));
    }

    [Collection(nameof(Alone))]
    public sealed class ShakingHands : CrowdTests
    {
        [Fact]
        public async Task Addresses_take_turns_and_handshakes_are_done_at_a_rate()
        {
            using var certificate = Server.Pki.Issue("hostile");
            using var over = new CancellationTokenSource();
            var done = 0;
            var crowd = (await CrowdAsync(200, [])).Select(async socket =>
            {
                try
                {
                    await RawFrames.ShakeHandsAsync(socket, certificate, Server.Pki.Root, over.Token);
                    Interlocked.Increment(ref done);
                }
                catch (Exception ended) when (ended is IOException or OperationCanceledException)
                {
                    // One client has few connections.
                }
            }).ToArray();
            await NewcomersAreServedAsync(TimeSpan.FromSeconds(3));
            Assert.InRange(Volatile.Read(ref done), 0, 150);
            await OthersAreServedAsync();
            await over.CancelAsync();
            await Task.WhenAll(crowd);
            Disperse();
        }

        // The crowd alone takes ten seconds.
        private protected override void Configure(XdsServerOptions options) => options.HandshakesPerSecond = 20;
    }

    [Collection(nameof(Alone))]
    public sealed class UnderPressure : CrowdTests
    {
        private readonly GivenLimits _limits = new();

        [Theory]
        [InlineData("memory")]
        [InlineData("files")]
        public async Task Newcomers_are_sent_away_while_something_is_short_and_others_are_served(string what)
        {
            // On its connection, which is there, it may not open a stream either.
            var client = Connect("hostile");
            var early = Keep(Streams.Peer.Open(client, "delta"));
            await early.AskAsync("CDS", "*");
            await early.TakeAsync();
            (_limits.MemoryLoad, _limits.FreeFileDescriptors) = what == "memory" ? (0.95, 1_000) : (0.1, 3);
            await Eventually.HoldsAsync(async () => await EndedAsync(await CrowdAsync(1, []), TimeSpan.FromMilliseconds(200)) == 1, "connections are refused");
            var another = Keep(Streams.Peer.Open(client, "delta"));
            await SayToTheEndAsync(() => another.AskAsync("CDS", "*"));
            var status = await another.Ended.WaitAsync(Eventually.Patience);
            Assert.Equal(StatusCode.Unavailable, status.StatusCode);
            Assert.Contains(what, status.Detail, StringComparison.Ordinal);
            await OthersAreServedAsync();
            await early.TakeAsync();

            (_limits.MemoryLoad, _limits.FreeFileDescriptors) = (0.1, 1_000);
            await Eventually.HoldsAsync(async () => await Record.ExceptionAsync(() => NewcomersAreServedAsync(Eventually.Patience)) is null, "there is room again");
            Disperse();
        }

        private protected override void Customize(IServiceCollection services) => services.AddSingleton<IProcessLimits>(_limits);
    }
}
