using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.DataPlane.Entry;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Tests.Entry;

/// <summary>How applications hand in what they send where nothing intercepts it.</summary>
public class EntryTests
{
    private const string Allowed = "http://cart.shop:8080/items/7";

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task A_request_by_a_proxy_is_decided_as_one_that_was_intercepted(string scheme)
    {
        await using var pod = await EntryPod.StartAsync();
        using var client = pod.Client(scheme);

        using var allowed = await client.GetAsync(new Uri(Allowed));
        using var denied = await client.DeleteAsync(new Uri(Allowed));

        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal("cart.shop:8080 /items/7 spiffe://cluster.local/curl/client", await allowed.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.Forbidden, "RBAC: access denied"), (denied.StatusCode, await denied.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_tunnel_goes_the_same_way()
        => Assert.Matches(
            "^HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK(.|\n)*spiffe://cluster.local/curl/client",
            await (await EntryPod.StartAsync()).SayAsync(
                "CONNECT cart.shop:8080 HTTP/1.1\r\nHost: cart.shop:8080\r\n\r\nGET /items/7 HTTP/1.1\r\nHost: cart.shop:8080\r\nConnection: close\r\n\r\n"));

    [Theory]
    [InlineData("GET http://nowhere.invalid:8080/ HTTP/1.1\r\nHost: nowhere.invalid:8080\r\nConnection: close\r\n\r\n", 502, "There is no host nowhere.invalid")]
    [InlineData("CONNECT nowhere.invalid:8080 HTTP/1.1\r\nHost: x\r\n\r\n", 502, "There is no host nowhere.invalid")]
    [InlineData("CONNECT nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400, "HOST:PORT")]
    [InlineData("CONNECT a:b:c:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "osm: ")]
    [InlineData("CONNECT x y z\r\n\r\n", 400, "osm: ")]
    [InlineData("GET / HTTP/1.1\r\nHost: cart.shop\r\nConnection: close\r\n\r\n", 400, "use it as HTTP proxy")]
    [InlineData("GET https://cart.shop/ HTTP/1.1\r\nHost: cart.shop\r\nConnection: close\r\n\r\n", 400, "https goes by CONNECT")]
    [InlineData("GET http://10.9.9.9:1/ HTTP/1.1\r\nHost: 10.9.9.9:1\r\nConnection: close\r\n\r\n", 502, "closed without an answer")]
    [InlineData("GET http://localhost:1/ HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n", 502, "localhost:1 cannot be reached")]
    [InlineData("BREW\u0001\r\n\r\n", 400, "")]
    public async Task What_cannot_be_done_is_refused_with_the_reason(string request, int status, string reason)
    {
        await using var pod = await EntryPod.StartAsync();

        var answer = await pod.SayAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(reason, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONNECT cart.shop:8080 HTTP/1.1\r\nX: ")]
    [InlineData("GET http://cart.shop:8080/ HTTP/1.1\r\nHost: cart.shop:8080\r\nX: ")]
    public async Task Headers_without_end_are_refused(string start)
    {
        await using var pod = await EntryPod.StartAsync();

        Assert.StartsWith("HTTP/1.1 431 ", await pod.SayAsync(start + new string('x', 60_000)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0500", "05ff")]
    [InlineData("050102", "05ff")]
    [InlineData("0501000502000101020304" + "0050", "05000507000100000000" + "0000")]
    [InlineData("0501000501000901020304" + "0050", "05000508000100000000" + "0000")]
    [InlineData("05010005010003" + "0f6e6f77686572652e696e76616c6964" + "0050", "05000504000100000000" + "0000")]
    [InlineData("05010005010003" + "022121" + "0050", "05000508000100000000" + "0000")]
    [InlineData("05010004", "0500")]
    public async Task Socks_that_is_none_or_cannot_be_done_is_answered_as_the_protocol_says(string said, string answer)
    {
        await using var pod = await EntryPod.StartAsync();

        Assert.Equal(answer, Convert.ToHexStringLower(Encoding.Latin1.GetBytes(await pod.SayAsync(Encoding.Latin1.GetString(Convert.FromHexString(said)), isAll: true))));
    }

    [Fact]
    public async Task The_entry_itself_is_no_destination()
    {
        await using var pod = await EntryPod.StartAsync();

        Assert.StartsWith("HTTP/1.1 502 ", await pod.SayAsync($"CONNECT {pod.Entry} HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_passes_before_the_sidecar_knows_what_to_do()
    {
        await using var pod = await EntryPod.StartAsync(isLive: false);

        Assert.StartsWith("HTTP/1.1 503 ", await pod.SayAsync("GET http://cart.shop:8080/items/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 503 ", await pod.SayAsync("CONNECT cart.shop:8080 HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
    }

    private sealed class EntryPod(TestMesh mesh, EntryServer entry) : IAsyncDisposable
    {
        public IPEndPoint Entry => entry.Address;

        public static async Task<EntryPod> StartAsync(bool isLive = true)
        {
            var mesh = await TestMesh.OfCaseAsync("http-rules");
            mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync(
                $"{context.Request.Host} {context.Request.Path} {context.Request.Headers["x-forwarded-client-cert"].ToString().Split("URI=")[1]}")));
            var network = new LoopbackNetwork
            {
                At = IPAddress.Loopback,
                // Where nobody listens.
                Application = IPAddress.Parse("127.1.2.3"),
                Addresses = [IPAddress.Parse("10.244.0.9")],
                Meshed = true,
                Names = new Dictionary<string, IPAddress[]> { ["cart.shop"] = [IPAddress.Parse("10.96.0.1")] }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
            };
            var way = new WayOut(
                () => network, mesh["client/curl"].Engine.AcceptAsync, () => isLive, new LoopbackDialer(() => network, new SocketDialer(), new()),
                (_, _) => throw new SocketException((int)SocketError.HostNotFound), TimeProvider.System);
            return new(mesh, await EntryServer.StartAsync(new(IPAddress.Loopback, 0), way, TimeProvider.System, NullLoggerFactory.Instance, default));
        }

        public HttpClient Client(string scheme) => new(new SocketsHttpHandler { Proxy = new WebProxy($"{scheme}://{entry.Address}"), UseProxy = true });

        public async Task<string> SayAsync(string text, bool isAll = false)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(entry.Address);
            await socket.SendAsync(Encoding.Latin1.GetBytes(text));
            if (isAll)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            return await OneProxy.ReadAllAsync(socket);
        }

        public async ValueTask DisposeAsync()
        {
            await entry.DisposeAsync();
            await mesh.DisposeAsync();
        }
    }
}
