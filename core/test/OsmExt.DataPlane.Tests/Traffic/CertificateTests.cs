using System.Net;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class CertificateTests
{
    private const string Cart = "10.96.0.1:8080";

    [Fact]
    public async Task Certificates_rotate_without_a_request_lost()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        using var client = mesh["client/curl"].Client(Cart);
        for (var rotation = 0; rotation < 10; rotation++)
        {
            foreach (var pod in new[] { mesh["client/curl"], mesh["shop/cart"] })
            {
                await pod.ApplyAsync(mesh.WithCertificates(pod.Configuration));
                Assert.Equal("served", await client.GetStringAsync("http://cart.shop:8080/items/1"));
            }
        }
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_not_taken()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules",
            options => options with { Time = new LaterTime(TimeSpan.FromDays(365 * 41)) });
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        using var client = mesh["client/curl"].Client(Cart);

        using var answer = await client.GetAsync("http://cart.shop:8080/items/1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("NotTimeValid", (await OneProxy.RecordOf(mesh["client/curl"].Records)).UpstreamTransportFailureReason, StringComparison.Ordinal);
    }

    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
