using System.Net.Sockets;
using System.Text;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.Tests.Shared;

namespace OsmExt.DataPlane.Tests.Traffic;

public class BadInputTests
{
    [Theory]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!")]
    [InlineData("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nx-a: 1\r\n folded\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nhost : a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nhost: a\n\n")]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("\x16\x03\x01\x00\x05hello")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame at all")]
    public async Task What_could_be_read_in_two_ways_is_not_passed_on(string bytes)
    {
        var seen = new List<string>();
        await using var server = await TestServer.HttpAsync(context =>
        {
            seen.Add(context.Request.Path);
            return Task.CompletedTask;
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address);
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        socket.Shutdown(SocketShutdown.Send);

        var answer = await OneProxy.ReadAllAsync(socket);

        Assert.DoesNotContain("/smuggled", seen);
        Assert.DoesNotContain("HTTP/1.1 200", answer.Split("\r\n\r\n")[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 1000, "HTTP/1.1 431")]
    [InlineData(101, 1, "HTTP/1.1 431")]
    [InlineData(90, 10, "HTTP/1.1 204")]
    public async Task Headers_have_limits(int count, int length, string status)
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, direct_response: {status: 204}}")]);
        var headers = string.Concat(Enumerable.Range(0, count).Select(index => $"x-{index}: {new string('a', length)}\r\n"));

        Assert.StartsWith(status, await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max_request_headers_kb: 1", "GET / HTTP/1.1\r\nhost: a\r\nx: LONG\r\n\r\n", "HTTP/1.1 431 ")]
    [InlineData("request_headers_timeout: 0.2s", "GET / HTTP/1.1\r\nhost: a\r\nx: ", "HTTP/1.1 408 ")]
    [InlineData("stream_idle_timeout: 0.2s", "POST /sent HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 100\r\n\r\nx", "HTTP/1.1 504 ")]
    [InlineData("drain_timeout: 1s", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 426 ")]
    [InlineData("http_protocol_options: {accept_http_10: true, default_host_for_http_10: web}", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 204 ")]
    public async Task What_a_listener_says_of_its_limits_holds(string manager, string bytes, string status)
    {
        await using var server = await TestServer.HttpAsync(async context => await new StreamReader(context.Request.Body).ReadToEndAsync());
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("""
                - {match: {prefix: /sent}, route: {cluster: c}}
                - {match: {prefix: /}, direct_response: {status: 204}}
                """, manager),
            OneProxy.Cluster("c", "", server.Address),
        ]);

        Assert.StartsWith(status, await proxy.SendAsync(bytes.Replace("LONG", new string('a', 2000), StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backend_that_vanishes_in_the_middle_ends_the_answer_as_broken()
    {
        await using var server = await TestServer.TcpAsync(async socket =>
        {
            await socket.ReceiveAsync(new byte[1000]);
            await socket.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"u8.ToArray());
            socket.LingerState = new(true, 0);
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        using var client = RoutingTests.Client(proxy);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/"));
    }

    [Fact]
    public async Task A_client_that_goes_away_is_not_worked_for_any_longer()
    {
        var (arrived, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestServer.HttpAsync(async context =>
        {
            arrived.SetResult();
            using var _ = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(proxy.Address);
            await socket.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        }

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_rapid_reset_attack_ends_the_connection()
    {
        await using var server = await TestServer.HttpAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address);
        var attack = new MemoryStream();
        attack.Write(Http2Frames.Preface);
        attack.Write(Http2Frames.Frame(4, 0, 0));
        for (var stream = 1; stream < 20001; stream += 2)
        {
            // GET http / with an indexed authority is the shortest request there is.
            attack.Write(Http2Frames.Frame(1, 5, stream, 0x82, 0x86, 0x84, 0x41, 1, (byte)'a'));
            attack.Write(Http2Frames.Frame(3, 0, stream, 0, 0, 0, 8));
        }

        try
        {
            await socket.SendAsync(attack.ToArray());
        }
        catch (SocketException)
        {
            // It was ended in the middle.
        }

        await OneProxy.ReadAllAsync(socket);
        using var client = RoutingTests.Client(proxy);
        while (proxy.Engine.Connections > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }
}
