using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Testing.Tests;

public class RandomMeshTests
{
    [Fact]
    public void The_same_seed_gives_the_same_mesh_and_the_same_changes()
    {
        var (one, other) = (new RandomMesh(7), new RandomMesh(7));

        Assert.Equal(one.Objects(), other.Objects());
        Assert.Equal(Changes(one), Changes(other));
        Assert.NotEqual(new RandomMesh(7).Objects(), new RandomMesh(8).Objects());
    }

    // A property test over meshes without, say, splits would prove nothing about splits.
    [Fact]
    public void Every_kind_is_drawn_and_every_kind_changes()
    {
        var drawn = Enumerable.Range(1, 10).SelectMany(seed => new RandomMesh(seed).Objects()).Select(resource => resource.Kind).Distinct();
        var changed = Enumerable.Range(1, 20).SelectMany(seed => Changes(new RandomMesh(seed))).Select(change => change.Key.Kind).Distinct();
        string[] kinds =
        [
            nameof(EndpointSlice), "HTTPRouteGroup", nameof(MeshConfig), nameof(Namespace), nameof(Pod), nameof(Retry),
            nameof(Service), "TCPRoute", nameof(TrafficSplit), nameof(TrafficTarget), nameof(UpstreamTrafficSetting),
        ];

        Assert.Equal(kinds.Order(StringComparer.Ordinal), drawn.Except(["Endpoints"]).Order(StringComparer.Ordinal));
        Assert.Equal(kinds.Order(StringComparer.Ordinal), changed.Except(["Endpoints"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Shuffling_keeps_the_items()
    {
        var items = Enumerable.Range(0, 50).ToArray();
        var shuffled = new RandomMesh(3).Shuffle(items);

        Assert.NotEqual(items, shuffled);
        Assert.Equal(items, shuffled.Order());
    }

    [Fact]
    public void A_generated_mesh_has_as_many_pods_as_was_asked_for_each_with_its_own_address()
    {
        var pods = new GeneratedMesh(300, PodsPerService: 3).Objects().OfType<Pod>().ToArray();

        Assert.Equal(900, pods.Length);
        Assert.Equal(900, pods.SelectMany(pod => pod.Addresses).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(900, pods.Select(pod => pod.Key).Distinct().Count());
    }

    private static ResourceChange[] Changes(RandomMesh mesh) => [.. Enumerable.Range(0, 60).Select(_ => mesh.Change())];
}
