using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;
using static OsmExt.Tests.Shared.Http2Frames;

namespace OsmExt.DataPlane.Tests.Traffic;

/// <summary>What is measured here would be all others' memory, too.</summary>
[CollectionDefinition(nameof(FloodTests), DisableParallelization = true)]
public class OneAfterTheOther;

/// <summary>
/// Clients that speak HTTP/2 to wear a proxy out: frames that cost them little and it much, as many as it takes. It ends the connection or stops reading from it; either way
/// memory stays where it was, others are served meanwhile, and nothing is left when the client goes.
/// </summary>
[Collection(nameof(FloodTests))]
public class FloodTests
{
    private const byte Body = 0, Headers = 1, Priority = 2, Reset = 3, Settings = 4, Ping = 6, WindowUpdate = 8, Continuation = 9, Unknown = 99;
    private const int EndStream = 1, EndHeaders = 4;
    private const int Megabyte = 1024 * 1024;

    // More than any honest client says, and no more than a test has time for.
    private const int Most = 24 * Megabyte;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    // GET http://a/, or POST; the rest is as short as it can be.
    private static readonly byte[] Get = [0x82, 0x86, 0x84, 0x41, 1, (byte)'a'];
    private static readonly byte[] Large = [0x82, 0x86, 0x44, 6, .. "/large"u8, 0x41, 1, (byte)'a'];
    private static readonly byte[] WindowOfNothing = Frame(Settings, 0, 0, [0, 4, 0, 0, 0, 0]);
    private static readonly byte[] Post = [0x83, 0x86, 0x84, 0x41, 1, (byte)'a'];

    /// <summary>What is sent once, what is sent again and again, and whether answers are read.</summary>
    private static readonly Dictionary<string, (byte[] First, byte[] Again, bool Reads)> Attacks = new(StringComparer.Ordinal)
    {
        ["settings"] = ([], Frame(Settings, 0, 0), false),
        ["settings, read"] = ([], Frame(Settings, 0, 0), true),
        ["pings"] = ([], Frame(Ping, 0, 0, new byte[8]), false),
        ["pings, read"] = ([], Frame(Ping, 0, 0, new byte[8]), true),
        ["empty data"] = (Frame(Headers, EndHeaders, 1, Post), Frame(Body, 0, 1), false),
        ["padded empty data"] = (Frame(Headers, EndHeaders, 1, Post), Frame(Body, 8, 1, [0]), false),
        ["priorities"] = ([], Frame(Priority, 0, 1, [0, 0, 0, 0, 1]), false),
        ["unknown frames"] = ([], Frame(Unknown, 0, 0), false),
        ["windows by one"] = (Frame(Headers, EndHeaders | EndStream, 1, Get), Frame(WindowUpdate, 0, 1, [0, 0, 0, 1]), false),
        ["continuations"] = (Frame(Headers, 0, 1, Get), Frame(Continuation, 0, 1, Literal(16_000)), false),
        ["empty continuations"] = (Frame(Headers, 0, 1, Get), Frame(Continuation, 0, 1), false),
    };

    /// <summary>What has to end the connection at once.</summary>
    private static readonly Dictionary<string, byte[]> Broken = new(StringComparer.Ordinal)
    {
        ["header bomb"] = Frame(Headers, EndHeaders | EndStream, 1, [.. Get, .. Indexed(3000), .. Enumerable.Repeat((byte)0xbe, 12_000)]),
        ["huge headers"] = [.. Frame(Headers, 0, 1, Get), .. Enumerable.Repeat(Frame(Continuation, 0, 1, Literal(16_000)), 40).SelectMany(frame => frame)],
        ["window beyond its end"] = [.. Frame(WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]), .. Frame(WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff])],
        ["window of nothing"] = Frame(WindowUpdate, 0, 0, [0, 0, 0, 0]),
        ["continuation of nothing"] = Frame(Continuation, EndHeaders, 1, Get),
        ["another frame among headers"] = [.. Frame(Headers, 0, 1, Get), .. Frame(Ping, 0, 0, new byte[8])],
        ["data before headers"] = Frame(Body, EndStream, 1, [1]),
        ["reset of nothing"] = Frame(Reset, 0, 1, [0, 0, 0, 8]),
        ["a stream of the server's"] = Frame(Headers, EndHeaders | EndStream, 2, Get),
        ["a frame too long"] = Header(0xffffff, Body, 0, 1),
    };

    public static TheoryData<string> Floods => [.. Attacks.Keys];

    public static TheoryData<string> Breaks => [.. Broken.Keys];

    [Theory, MemberData(nameof(Floods))]
    public async Task A_flood_costs_no_memory_and_nobody_else_waits_for_it(string name)
    {
        var (first, again, reads) = Attacks[name];
        await using var server = await TestServer.HttpAsync(context => context.Response.WriteAsync("served"));
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        using var other = RoutingTests.Client(proxy);
        Assert.Equal("served", await other.GetStringAsync("/"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using (var socket = await OpenAsync(proxy, first))
        {
            using var stop = new CancellationTokenSource(Patience);
            var attack = SendAsync(socket, again, stop.Token);
            var reading = reads ? ReadAsync(socket, stop.Token) : Task.CompletedTask;
            for (var request = 0; request < 20; request++)
            {
                Assert.Equal("served", await other.GetStringAsync("/").WaitAsync(Patience));
            }

            await attack;
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 * Megabyte);
            await stop.CancelAsync();
            await reading;
        }

        other.Dispose();
        await GoneAsync(proxy);
    }

    [Theory, MemberData(nameof(Breaks))]
    public async Task What_is_no_http2_ends_the_connection(string name)
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, direct_response: {status: 204}}")]);
        using var socket = await OpenAsync(proxy, []);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await SendAsync(socket, Broken[name], stop.Token, most: Broken[name].Length);
        // The proxy's end, which a client that is still sending may see as a reset.
        await ReadAsync(socket, stop.Token);
        Assert.False(stop.IsCancellationRequested, $"{name} leaves the connection open");
        await GoneAsync(proxy);
    }

    [Fact]
    public async Task Answers_that_nobody_takes_wait_where_they_are_made()
    {
        const int Requests = 50;
        var (arrived, written) = (0, 0L);
        await using var server = await TestServer.HttpAsync(async context =>
        {
            Interlocked.Increment(ref arrived);
            var chunk = new byte[64 * 1024];
            for (var count = 0; count < 256 && context.Request.Path == "/large"; count++)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                Interlocked.Add(ref written, chunk.Length);
            }
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        var asked = Enumerable.Range(0, Requests).SelectMany(index => Frame(Headers, EndHeaders | EndStream, (2 * index) + 1, Large));
        using (var socket = await OpenAsync(proxy, [.. WindowOfNothing, .. asked]))
        {
            await UntilAsync(() => Volatile.Read(ref arrived) == Requests);
            using var other = RoutingTests.Client(proxy);
            for (var request = 0; request < 20; request++)
            {
                using var answer = await other.GetAsync("/").WaitAsync(Patience);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            // Of 800 MB: what the kernel and both servers hold for each.
            Assert.InRange(Interlocked.Read(ref written), 0, 200L * Megabyte);
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, 200L * Megabyte);
        }

        await GoneAsync(proxy);
    }

    [Fact]
    public async Task An_answer_that_nobody_takes_ends_with_its_time()
    {
        await using var server = await TestServer.HttpAsync(context => context.Response.Body.WriteAsync(new byte[4 * Megabyte], context.RequestAborted).AsTask());
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}", "stream_idle_timeout: 0.3s"), OneProxy.Cluster("c", "", server.Address)]);
        using var socket = await OpenAsync(proxy, [.. WindowOfNothing, .. Frame(Headers, EndHeaders | EndStream, 1, Large)]);

        Assert.NotEmpty((await proxy.RecordAsync()).ResponseFlags);
    }

    private static async Task<Socket> OpenAsync(OneProxy proxy, byte[] first)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy.Address);
        await socket.SendAsync((byte[])[.. Preface, .. Frame(Settings, 0, 0), .. first]);
        return socket;
    }

    // Until the proxy ends it, or takes no more, or it is enough.
    private static async Task SendAsync(Socket socket, byte[] again, CancellationToken stop, int most = Most)
    {
        var chunk = again.Length >= most ? again : [.. Enumerable.Repeat(again, Math.Max(1, 64 * 1024 / again.Length)).SelectMany(frame => frame)];
        try
        {
            for (var sent = 0; sent < most; sent += chunk.Length)
            {
                await socket.SendAsync(chunk, stop);
            }
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // That is the end of it.
        }
    }

    private static async Task ReadAsync(Socket socket, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, stop) > 0)
            {
            }
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // That is the end of it.
        }
    }

    private static Task GoneAsync(OneProxy proxy) => UntilAsync(() => proxy.Engine.Connections == 0);

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!reached())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    // A header x of so many bytes, which the table does not keep.
    private static byte[] Literal(int length) => [0, 1, (byte)'x', .. Length(length), .. Enumerable.Repeat((byte)'a', length)];

    // The same, which the table keeps: each time it is named it takes one byte.
    private static byte[] Indexed(int length) => [0x40, 1, (byte)'x', .. Length(length), .. Enumerable.Repeat((byte)'a', length)];
}
