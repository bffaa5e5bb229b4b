using System.Net;
using System.Net.Sockets;
using System.Text;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>How requests and connections are shared out by weight, in Envoy and here: the smaller share is within five standard deviations of what its weight says.</summary>
public class ShareAgreementTests
{
    private const int Asked = 1000;
    private const double Smaller = 0.1;
    private const string Weights = "weighted_clusters: {clusters: [{name: a, weight: 90}, {name: b, weight: 10}]}";
    private static readonly double Bound = 5 * Math.Sqrt(Smaller * (1 - Smaller) / Asked);

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Weights_share_out_as_with_Envoy(string version)
    {
        await using var first = await WebAsync("a");
        await using var second = await WebAsync("b");
        await using var third = await TcpAsync("a");
        await using var fourth = await TcpAsync("b");
        await using var http = await BothDataPlanes.StartAsync(version, [(Listener)OneProxy.Http($"- {{match: {{prefix: /}}, route: {{{Weights}}}}}").Message],
            [(Cluster)OneProxy.Cluster("a", Http2, first.Address).Message, (Cluster)OneProxy.Cluster("b", Http2, second.Address).Message]);
        await using var tcp = await BothDataPlanes.StartAsync(version, [(Listener)OneProxy.Tcp(Weights).Message],
            [(Cluster)OneProxy.Cluster("a", "", third.Address).Message, (Cluster)OneProxy.Cluster("b", "", fourth.Address).Message]);

        Check("HTTP/1.1", await http.AskAsync("in", port => HttpAsync(port, HttpVersion.Version11, "text/plain")));
        Check("HTTP/2", await http.AskAsync("in", port => HttpAsync(port, HttpVersion.Version20, "text/plain")));
        Check("gRPC", await http.AskAsync("in", port => HttpAsync(port, HttpVersion.Version20, "application/grpc")));
        Check("TCP", await tcp.AskAsync("in", ConnectAsync));
    }

    private const string Http2 = """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {} }
        """;

    private static void Check(string protocol, (double Envoy, double Here) share)
    {
        Assert.True(Math.Abs(share.Envoy - Smaller) < Bound, $"{protocol}: Envoy's share is {share.Envoy}");
        Assert.True(Math.Abs(share.Here - Smaller) < Bound, $"{protocol}: the share here is {share.Here}");
    }

    private static Task<TestServer> WebAsync(string name) => TestServer.HttpAsync(async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await context.Response.WriteAsync(name);
    }, HttpProtocols.Http2);

    private static Task<TestServer> TcpAsync(string name) => TestServer.TcpAsync(async socket =>
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(name));
        socket.Shutdown(SocketShutdown.Send);
        _ = await socket.ReceiveAsync(new byte[1]);
    });

    private static async Task<double> HttpAsync(int port, Version version, string type)
    {
        using var client = new HttpClient();
        var second = 0;
        for (var index = 0; index < Asked; index++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent("", new System.Net.Http.Headers.MediaTypeHeaderValue(type)),
            };
            using var answer = await client.SendAsync(request);
            second += await answer.Content.ReadAsStringAsync() == "b" ? 1 : 0;
        }

        return (double)second / Asked;
    }

    private static async Task<double> ConnectAsync(int port)
    {
        var second = 0;
        for (var index = 0; index < Asked; index++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            var buffer = new byte[1];
            second += await socket.ReceiveAsync(buffer) == 1 && buffer[0] == 'b' ? 1 : 0;
        }

        return (double)second / Asked;
    }
}
