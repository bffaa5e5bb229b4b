using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class DrainTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_listener_is_replaced_under_load_without_a_request_lost(int version)
    {
        await using var server = await TestServer.HttpAsync(context => context.Response.WriteAsync("served"));
        var cluster = OneProxy.Cluster("c", "", server.Address);
        await using var proxy = await OneProxy.StartAsync([Listener(0), cluster]);
        using var client = RoutingTests.Client(proxy, version);
        using var stop = new CancellationTokenSource();
        var served = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal("served", await client.GetStringAsync("/"));
                Interlocked.Increment(ref served);
            }
        })));

        for (var change = 1; change <= 10; change++)
        {
            await proxy.ApplyAsync([Listener(change), cluster]);
            // A client tries a request three times on connections that are closed, so they must not be closed faster than it asks.
            for (var before = served; served < before + 100 && !load.IsCompleted;)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }

        await stop.CancelAsync();
        await load.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_connection_of_a_listener_that_is_gone_may_finish_for_as_long_as_the_drain_takes()
    {
        await using var server = await TestServer.TcpAsync(TestServer.Echo);
        var cluster = OneProxy.Cluster("c", "", server.Address);
        await using var proxy = await OneProxy.StartAsync([OneProxy.Tcp("cluster: c"), cluster], new() { DrainTime = TimeSpan.FromMilliseconds(300) });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address);
        var buffer = new byte[10];
        await socket.SendAsync("before"u8.ToArray());
        Assert.Equal(6, await socket.ReceiveAsync(buffer));

        await proxy.ApplyAsync([cluster]);

        await socket.SendAsync("after"u8.ToArray());
        Assert.Equal(5, await socket.ReceiveAsync(buffer));
        Assert.Equal("", await OneProxy.ReadAllAsync(socket));
    }

    [Fact]
    public async Task A_kept_connection_is_closed_with_its_next_answer_when_its_filter_chain_has_changed()
    {
        await using var proxy = await OneProxy.StartAsync([Listener(0)]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address);
        await socket.SendAsync("GET /direct HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        var buffer = new byte[1000];
        Assert.True(await socket.ReceiveAsync(buffer) > 0);

        await proxy.ApplyAsync([Listener(1)]);

        await socket.SendAsync("GET /direct HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        Assert.Contains("Connection: close", await OneProxy.ReadAllAsync(socket), StringComparison.OrdinalIgnoreCase);
    }

    // A chain of another name is another chain.
    private static OsmExt.Envoy.XdsResource Listener(int number) => OneProxy.Http("""
        - {match: {path: /direct}, direct_response: {status: 200}}
        - {match: {prefix: /}, route: {cluster: c}}
        """, $"server_name: number-{number}");
}
