using System.Text.RegularExpressions;

namespace OsmExt.E2E;

/// <summary>Weighted splits, by counting.</summary>
[Collection(nameof(ShopMesh))]
public sealed class SplitTests(Shop shop)
{
    private const int Requests = 2000;
    private const int Connections = 600;
    private const string Routes = "config_dump?resource=dynamic_route_configs";

    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("buyer", 70)]
    [InlineData("old-buyer", 25)]
    public async Task Http_requests_are_split_by_weight(string client, int weight)
    {
        using var split = await SplitAsync(weight);

        var answers = await Mesh.Pod(client).CountAsync("http://echo:8080/items/1", Requests);

        Assert.Equal(Requests, answers["v1"] + answers["v2"]);
        Assert.InRange(100.0 * answers["v1"] / Requests, weight - 3, weight + 3);
    }

    [MeshFact]
    public async Task Tcp_connections_are_split_by_weight()
    {
        using var split = await SplitAsync(80);

        var v1 = 0;
        for (var i = 0; i < Connections; i++)
        {
            var answer = await Mesh.Pod("buyer").LineAsync("echo", 9000, "hi");
            Assert.Matches("^v[12] hi$", answer);
            v1 += answer == "v1 hi" ? 1 : 0;
        }

        // More than four standard deviations of a fair draw, and far from an even share.
        Assert.InRange(100.0 * v1 / Connections, 73, 87);
    }

    [MeshFact]
    public async Task A_weight_of_zero_gets_nothing()
    {
        using var split = await SplitAsync(0);

        Assert.Equal(["v2"], (await Mesh.Pod("buyer").CountAsync("http://echo:8080/items/1", 200)).Keys);
    }

    private async Task<IDisposable> SplitAsync(int weight)
    {
        var file = Mesh.Config.WriteForNow("split", Manifests.Split(Shop.Namespace, "echo", ("echo-v1", weight), ("echo-v2", 100 - weight)));
        var weighted = new Regex($@"shop/echo-v1\|8080"",\s*""weight"": {weight}\b");
        foreach (var client in Shop.Buyers)
        {
            // Routes are sent after listeners, so whoever has the new weights for HTTP has those for TCP too.
            await Wait.UntilAsync(async () => weighted.IsMatch(await Mesh.AdminAsync(client, Routes)), $"{client} has the split");
        }

        return file;
    }
}
