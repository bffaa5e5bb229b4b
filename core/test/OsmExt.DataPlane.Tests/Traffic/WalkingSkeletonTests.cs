using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

/// <summary>From client to application: through the client's sidecar, mutual TLS, the server's sidecar.</summary>
public class WalkingSkeletonTests
{
    private const string Cart = "10.96.0.1:8080";

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_that_policy_allows_arrives_with_the_clients_identity(string version)
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(
            context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} {context.Request.Headers["x-forwarded-client-cert"]}"),
            version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        using var client = mesh["client/curl"].Client(Cart, Version.Parse(version));

        using var answer = await client.GetAsync("http://cart.shop:8080/items/7");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("GET /items/7 By=spiffe://cluster.local/cart/shop;Hash=", body, StringComparison.Ordinal);
        Assert.EndsWith(";URI=spiffe://cluster.local/curl/client", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_policy_denies_is_refused_as_Envoy_refuses_it()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        using var client = mesh["client/curl"].Client(Cart);

        using var answer = await client.DeleteAsync("http://cart.shop:8080/items/7");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("RBAC: access denied", await answer.Content.ReadAsStringAsync());
        Assert.Equal("envoy", answer.Headers.Server.ToString());
        var record = await OneProxy.RecordOf(mesh["shop/cart"].Records);
        Assert.Equal((403, false, "spiffe://cluster.local/curl/client"), (record.ResponseCode, record.RbacAllowed, record.DownstreamPeerUris.Single()));
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_certificate_of_the_mesh()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        using var stranger = new TestAuthority("another root");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        var curl = mesh["client/curl"];
        await curl.ApplyAsync(mesh.WithCertificates(curl.Configuration, stranger));
        using var client = curl.Client(Cart);

        using var answer = await client.GetAsync("http://cart.shop:8080/items/7");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.StartsWith("upstream connect error or disconnect/reset before headers.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(mesh["shop/cart"].Records, record => record.IsRequest);
    }

    [Fact]
    public async Task Bytes_of_a_connection_pass_both_ways_and_so_does_its_half_closing()
    {
        await using var mesh = await TestMesh.OfCaseAsync("split-tcp");
        foreach (var pod in new[] { "data/db-v1", "data/db-v2" })
        {
            mesh[pod].Serve(3306, await TestServer.TcpAsync(TestServer.Echo));
        }

        await using var stream = await mesh["client/curl"].DialOutAsync(IPEndPoint.Parse("10.96.1.9:3306"));
        await stream.WriteAsync("hello"u8.ToArray());
        await Ends.CloseWriteAsync(stream);
        using var said = new StreamReader(stream, Encoding.ASCII);

        Assert.Equal("hello", await said.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task What_is_written_after_the_end_fails_as_on_a_socket()
    {
        var (near, _) = StreamPair.Create();
        await Ends.CloseWriteAsync(near);

        await Assert.ThrowsAsync<IOException>(() => near.WriteAsync("more"u8.ToArray()).AsTask());
    }
}
