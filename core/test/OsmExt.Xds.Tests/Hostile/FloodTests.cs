using OsmExt.Tests.Shared;
using System.Net.Sockets;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>Frames that cost the client nothing. What Kestrel bounds by itself is tested like what it does not.</summary>
[Collection(nameof(Alone))]
public sealed class FloodTests : HostileTests
{
    private const int Frames = 20_000;

    [Theory]
    [InlineData("rapid reset")]
    [InlineData("ping")]
    [InlineData("settings")]
    [InlineData("priority")]
    [InlineData("empty continuation")]
    [InlineData("empty data")]
    public async Task A_flood_of_frames_ends_the_connection(string kind)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var certificate = Server.Pki.Issue("hostile");
        await using var connection = await RawFrames.ShakeHandsAsync(await RawFrames.ConnectAsync(Server.Address), certificate, Server.Pki.Root);
        await connection.WriteAsync((byte[])[.. Http2Frames.Preface, .. RawFrames.Settings]);
        if (kind is "empty continuation" or "empty data")
        {
            await connection.WriteAsync(RawFrames.Request(1, endsHeaders: kind == "empty data"));
        }

        var ended = RawFrames.IsEndedAsync(connection, Eventually.Patience);
        try
        {
            for (var sent = 0; sent < Frames && !ended.IsCompleted; sent++)
            {
                await connection.WriteAsync(kind switch
                {
                    "rapid reset" => [.. RawFrames.Request((2 * sent) + 1), .. RawFrames.Reset((2 * sent) + 1)],
                    "ping" => RawFrames.Ping,
                    "settings" => RawFrames.Settings,
                    "priority" => RawFrames.Priority,
                    "empty continuation" => RawFrames.Continuation(1),
                    _ => RawFrames.Data(0),
                });
            }
        }
        catch (IOException)
        {
            // It was ended in the middle.
        }

        Assert.True(await ended, kind);
        Assert.True(Server.Metrics.RefusedConnections.WithLabels("frames").Value > 0 || kind is "rapid reset", kind);
        await OthersAreServedAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Headers_without_end_are_not_collected()
    {
        using var certificate = Server.Pki.Issue("hostile");
        await using var connection = await RawFrames.ShakeHandsAsync(await RawFrames.ConnectAsync(Server.Address), certificate, Server.Pki.Root);
        await connection.WriteAsync((byte[])[.. Http2Frames.Preface, .. RawFrames.Settings, .. RawFrames.Request(1, endsHeaders: false)]);
        var ended = RawFrames.IsEndedAsync(connection, Eventually.Patience);

        // A literal header of 8 KiB in each.
        byte[] block = [0x40, 1, (byte)'x', 0x7F, 0x81, 0x3F, .. Enumerable.Repeat((byte)'y', 8192)];
        try
        {
            for (var i = 0; i < 50 && !ended.IsCompleted; i++)
            {
                await connection.WriteAsync((byte[])[.. Http2Frames.Header(block.Length, 9, 0, 1), .. block]);
            }
        }
        catch (IOException)
        {
            // It was ended in the middle.
        }

        Assert.True(await ended);
        await OthersAreServedAsync();
    }

    [Fact]
    public async Task A_connection_that_opens_no_stream_costs_little_and_a_client_has_few_of_them()
    {
        using var certificate = Server.Pki.Issue("hostile");
        var connections = new List<Stream>();
        for (var i = 0; i < 20; i++)
        {
            var connection = await RawFrames.ShakeHandsAsync(await RawFrames.ConnectAsync(Server.Address, $"127.0.1.{i + 1}"), certificate, Server.Pki.Root);
            await WriteAsync(connection, [.. Http2Frames.Preface, .. RawFrames.Settings]);
            connections.Add(connection);
        }

        var ended = await Task.WhenAll(connections.Select(connection => RawFrames.IsEndedAsync(connection, TimeSpan.FromSeconds(2))));
        Assert.Equal(12, ended.Count(isEnded => isEnded));
        Assert.Equal(12, Server.Metrics.RefusedConnections.WithLabels("connections of one client").Value);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        await OthersAreServedAsync();
        var again = Open("delta");
        await again.AskAsync("CDS", "*");
        await again.NextAsync();
    }

    private static async Task WriteAsync(Stream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
            // Ended already.
        }
    }

    private protected override void Configure(XdsServerOptions options) => options.ControlFrameBurst = 1_000;
}
