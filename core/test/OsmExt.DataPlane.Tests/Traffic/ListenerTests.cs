using System.Net;
using System.Net.Sockets;
using System.Text;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class ListenerTests
{
    [Fact]
    public async Task A_connection_is_handed_to_the_listener_of_its_original_destination()
    {
        await using var server = await TestServer.TcpAsync(TestServer.Echo);
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Resource<global::Envoy.Config.Listener.V3.Listener>("entry", """
                name: entry
                address: {socket_address: {address: 0.0.0.0, port_value: 15001}}
                use_original_dst: true
                listener_filters: [{name: dst, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst}}]
                """),
            OneProxy.Resource<global::Envoy.Config.Listener.V3.Listener>("virtual", """
                name: virtual
                address: {socket_address: {address: 10.9.9.9, port_value: 5432}}
                bind_to_port: false
                filter_chains:
                - filters: [{name: tcp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}]
                """),
            OneProxy.Cluster("c", "", server.Address),
        ], new() { Binds = false });
        var (client, taken) = StreamPair.Create();
        var served = proxy.Engine.AcceptAsync(new Arrival(taken, IPEndPoint.Parse("10.0.0.1:1"), IPEndPoint.Parse("10.9.9.9:5432"), 15001));

        await client.WriteAsync("ping"u8.ToArray());
        var buffer = new byte[10];
        Assert.Equal("ping", Encoding.ASCII.GetString(buffer, 0, await client.ReadAsync(buffer)));
        await client.DisposeAsync();
        await served.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_heard_where_nobody_looks_into_the_connection()
    {
        await using var server = await TestServer.TcpAsync(async socket =>
        {
            await socket.SendAsync("welcome"u8.ToArray());
            await socket.ReceiveAsync(new byte[1]);
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Tcp("cluster: c"), OneProxy.Cluster("c", "", server.Address)]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address);
        var buffer = new byte[10];

        Assert.Equal(7, await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_idle_connection_is_ended_after_its_time()
    {
        await using var server = await TestServer.TcpAsync(TestServer.Echo);
        await using var proxy = await OneProxy.StartAsync([OneProxy.Tcp("cluster: c\nidle_timeout: 0.2s"), OneProxy.Cluster("c", "", server.Address)]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address);

        Assert.Equal("", await OneProxy.ReadAllAsync(socket));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_said_and_the_rest_is_in_force()
    {
        using var other = new Socket(SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var taken = OneProxy.Resource<global::Envoy.Config.Listener.V3.Listener>("taken",
            $"name: taken\naddress: {{socket_address: {{address: 127.0.0.1, port_value: {((IPEndPoint)other.LocalEndPoint!).Port}}}}}\n");
        await using var proxy = await OneProxy.StartAsync([]);

        var failure = await Assert.ThrowsAsync<ListenerException>(
            () => proxy.ApplyAsync([taken, OneProxy.Http("- {match: {prefix: /}, direct_response: {status: 204}}")]));

        Assert.Equal("taken", failure.Listener);
        using var client = RoutingTests.Client(proxy);
        Assert.Equal(HttpStatusCode.NoContent, (await client.GetAsync("/")).StatusCode);
    }

    /// <summary>What is measured is written down in figures.md; here it only has to stay below what would be felt.</summary>
    [Fact]
    public async Task Ten_thousand_idle_connections_cost_little()
    {
        const int Count = 10_000;
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, direct_response: {status: 204}}")], new() { Binds = false });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clients = new List<Stream>(Count);
        var request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray();
        var buffer = new byte[1000];
        for (var index = 0; index < Count; index++)
        {
            var (client, taken) = StreamPair.Create();
            _ = proxy.Engine.AcceptAsync(new Arrival(taken, IPEndPoint.Parse("10.0.0.1:1"), new(IPAddress.Loopback, 0), 0));
            await client.WriteAsync(request);
            Assert.True(await client.ReadAsync(buffer) > 0);
            clients.Add(client);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.Equal(Count, proxy.Engine.Connections);
        Assert.InRange(each, 1, 48 * 1024);
        clients.ForEach(client => client.Dispose());
    }
}
