using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.OnCluster;

/// <summary>Tests that begin with the shop on a cluster of their own.</summary>
public abstract class ShopCluster : IAsyncLifetime
{
    private protected TestCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync();
        await ReplicaTests.ApplyShopAsync(Cluster);
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
