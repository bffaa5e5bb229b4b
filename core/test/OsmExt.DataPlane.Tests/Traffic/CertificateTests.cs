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

    [Fact]
    public async Task A_connection_outlives_its_certificate_but_no_other_is_opened_with_it()
    {
        var time = new LaterTime(TimeSpan.Zero);
        var (arrived, go) = (new SemaphoreSlim(0), new TaskCompletionSource());
        await using var mesh = await TestMesh.OfCaseAsync("http-rules", options => options with { Time = time });
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(async context =>
        {
            arrived.Release();
            await go.Task;
            await context.Response.WriteAsync("served");
        }));
        using var client = mesh["client/curl"].Client(Cart);
        var live = client.GetStringAsync("http://cart.shop:8080/items/1");
        Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(20)));

        time.By = TimeSpan.FromDays(365 * 41);
        using var late = await client.GetAsync("http://cart.shop:8080/items/2");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
        go.SetResult();
        Assert.Equal("served", await live);
    }

    [Fact]
    public async Task Certificates_of_an_intermediate_authority_are_shown_and_taken_with_it()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        using var intermediate = mesh.Authority.Intermediate();
        foreach (var pod in new[] { mesh["client/curl"], mesh["shop/cart"] })
        {
            await pod.ApplyAsync(mesh.WithCertificates(pod.Configuration, intermediate));
        }

        using var client = mesh["client/curl"].Client(Cart);
        Assert.Equal("served", await client.GetStringAsync("http://cart.shop:8080/items/1"));
    }

    [Fact]
    public async Task Whoever_made_an_authority_of_it_must_be_trusted_even_when_it_is_shown_along()
    {
        await using var mesh = await TestMesh.OfCaseAsync("http-rules");
        mesh["shop/cart"].Serve(80, await TestServer.HttpAsync(context => context.Response.WriteAsync("served")));
        using var strange = new TestAuthority("another root");
        using var intermediate = strange.Intermediate();
        await mesh["client/curl"].ApplyAsync(mesh.WithCertificates(mesh["client/curl"].Configuration, intermediate));
        using var client = mesh["client/curl"].Client(Cart);
        using var answer = await client.GetAsync("http://cart.shop:8080/items/1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public TimeSpan By { get; set; } = by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + By;
    }
}
