using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.Hosting;

namespace Shop.Policies.Tests;

/// <summary>The shop's policies, on the manifests that the cluster gets: real requests through real sidecars, all of it in this process.</summary>
public class PolicyTests
{
    private static readonly string Manifests = Path.Combine(AppContext.BaseDirectory, "manifests");

    // What counts most is also tried on the data plane of production, where there is an Envoy.
    [Theory]
    [InlineData(MeshDataPlane.Embedded)]
    [InlineData(MeshDataPlane.Auto)]
    public async Task The_front_reads_and_orders_and_nothing_else(MeshDataPlane dataPlane)
    {
        await using var mesh = await StartAsync(dataPlane);
        var web = mesh.Pod("shop/web");

        await web.ShouldReach("http://books/books/1");
        await web.ShouldReach("http://books/orders", "POST");
        await web.ShouldBeDenied("http://books/books/1", "DELETE");
        await web.ShouldBeDenied("http://books/admin");
    }

    [Fact]
    public async Task Reports_read_only_and_strangers_get_nothing()
    {
        await using var mesh = await StartAsync();

        await mesh.Pod("shop/reports").ShouldReach("http://books.shop/books");
        await mesh.Pod("shop/reports").ShouldBeDenied("http://books.shop/orders", "POST");
        await mesh.Outside().ShouldBeDenied("http://books.shop/books");
    }

    [Fact]
    public async Task The_next_version_gets_every_tenth_request()
    {
        await using var mesh = await StartAsync();
        await mesh.Pod("shop/web").ShouldSplit("http://books/books", new Dictionary<string, double> { ["shop/books-v1"] = 90, ["shop/books-v2"] = 10 });
    }

    [Fact]
    public async Task Access_that_is_taken_away_is_gone_at_once()
    {
        await using var mesh = await StartAsync();
        await mesh.Pod("shop/reports").ShouldReach("http://books/books");

        await mesh.DeleteAsync("TrafficTarget", "shop", "reports");

        await mesh.Pod("shop/reports").ShouldBeDenied("http://books/books");
        await mesh.Pod("shop/web").ShouldReach("http://books/books");
    }

    [Fact]
    public async Task Our_own_application_runs_in_the_mesh_as_it_is()
    {
        await using var mesh = await StartAsync();
        mesh.Run("shop/books", app => app.MapGet("/books/{id:int}", (int id, HttpRequest request) => $"book {id} for {request.Host}"));
        await mesh.DeleteAsync("TrafficSplit", "shop", "books");
        await mesh.DeleteAsync("Pod", "shop", "books-next");

        Assert.Equal("book 7 for books", await mesh.Pod("shop/web").Http.GetStringAsync(new Uri("http://books/books/7")));
    }

    private static async Task<MeshHost> StartAsync(MeshDataPlane dataPlane = MeshDataPlane.Embedded)
    {
        var mesh = await MeshHost.StartAsync(new() { Paths = [Manifests], DataPlane = dataPlane });
        mesh.RunStandIns();
        return mesh;
    }
}
