using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class StreamingTests
{
    private const string Websocket = "upgrade_configs: [{upgrade_type: websocket}]";

    [Fact]
    public async Task A_web_socket_passes_where_the_connection_manager_takes_upgrades()
    {
        await using var server = await TestServer.HttpAsync(_ => Task.CompletedTask, map: application =>
        {
            application.UseWebSockets();
            application.Use(async (HttpContext context, RequestDelegate _) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                var buffer = new byte[100];
                var said = await socket.ReceiveAsync(buffer, CancellationToken.None);
                await socket.SendAsync(buffer.AsMemory(0, said.Count), said.MessageType, true, CancellationToken.None);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
            });
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}", Websocket), OneProxy.Cluster("c", "", server.Address)]);
        using var client = new ClientWebSocket();

        await client.ConnectAsync(new($"ws://{proxy.Address}/"), CancellationToken.None);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[100];
        var answer = await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, answer.Count));
    }

    [Fact]
    public async Task Where_it_takes_none_an_upgrade_is_refused()
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "")]);

        Assert.StartsWith("HTTP/1.1 403 ", await proxy.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_in_both_directions_is_not_held_up_and_its_trailers_pass()
    {
        await using var server = await TestServer.HttpAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.StartAsync();
            var buffer = new byte[100];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var count)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                await context.Response.Body.FlushAsync();
            }

            context.Response.AppendTrailer("grpc-status", "0");
        }, HttpProtocols.Http2);
        await using var proxy = await OneProxy.StartAsync(
            [OneProxy.Http("- {match: {prefix: /}, route: {cluster: c, timeout: 0s}}"), OneProxy.Cluster("c", UseDownstream, server.Address)]);
        using var client = RoutingTests.Client(proxy, version: 2);
        using var content = new Conversation();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/svc/Call") { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content.Headers.ContentType = new("application/grpc");
        var pending = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var upload = await content.Opened;
        await upload.WriteAsync("one"u8.ToArray());
        await upload.FlushAsync();
        using var answer = await pending.WaitAsync(TimeSpan.FromSeconds(10));
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[10];

        Assert.Equal(3, await body.ReadAsync(buffer));
        content.Done();
        Assert.Equal(0, await body.ReadAsync(buffer));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_grpc_client_is_answered_in_grpc()
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /x}, route: {cluster: c}}"), OneProxy.Cluster("c", "")]);
        using var client = RoutingTests.Client(proxy, version: 2);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/x/y")
        {
            Content = new ByteArrayContent([]),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = new("application/grpc");

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("14", "no healthy upstream"), (answer.Headers.GetValues("grpc-status").Single(), answer.Headers.GetValues("grpc-message").Single()));
    }

    internal const string UseDownstream = """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            use_downstream_protocol_config: {http2_protocol_options: {}}
        """;

    private sealed class Conversation : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Opened => _opened.Task;

        public void Done() => _done.SetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _opened.SetResult(stream);
            return _done.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_answers_headers_do_not_wait_for_its_body(int version)
    {
        var body = new TaskCompletionSource();
        await using var server = await TestServer.HttpAsync(async context =>
        {
            await context.Response.Body.FlushAsync();
            await body.Task;
            await context.Response.WriteAsync("late");
        });
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", server.Address)]);
        using var client = RoutingTests.Client(proxy, version);

        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(20));

        body.SetResult();
        Assert.Equal("late", await answer.Content.ReadAsStringAsync());
    }
}
