using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OsmExt.Testing.Hosting.Tests;

/// <summary>Requests from pod to pod, through both sidecars.</summary>
public class TrafficTests
{
    [Fact]
    public async Task A_request_goes_through_both_sidecars_and_who_may_not_is_refused()
    {
        await using var mesh = await Shop.StartAsync();
        mesh.Run("shop/store", app => app.MapGet("/books", (HttpRequest request) => $"many, says {request.Host}"));

        using var answer = await mesh.Pod("shop/web").GetAsync("http://store/books");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("many, says store", await answer.Content.ReadAsStringAsync());

        // It may call nobody there, so its own sidecar knows no way.
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Pod("thief").GetAsync("http://store.shop/books"));
    }
}
