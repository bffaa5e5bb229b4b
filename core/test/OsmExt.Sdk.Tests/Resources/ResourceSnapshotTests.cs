using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Tests.Resources;

public class ResourceSnapshotTests
{
    private static readonly SourceLocation Here = new("a.yaml", 3);

    [Fact]
    public void A_change_to_equal_content_is_none()
    {
        var before = ResourceSnapshot.Of([Pod("web", "10.0.0.1")]);

        var after = before.Apply(Batch(Set(Pod("web", "10.0.0.1"))), out var changed);

        Assert.Empty(changed);
        Assert.Equal(before.Revision + 1, after.Revision);
        Assert.Same(before.Find<Pod>(Pod("web").Key), after.Find<Pod>(Pod("web").Key));
    }

    [Fact]
    public void Differences_tell_before_and_after()
    {
        var before = ResourceSnapshot.Of([Pod("kept"), Pod("moved", "10.0.0.1"), Pod("gone")]);

        var after = before.Apply(Batch(Set(Pod("moved", "10.0.0.2")), Removed(Pod("gone").Key), Set(Pod("new")), Removed(Pod("never").Key)),
            out var changed);

        Assert.Equal<ResourceDifference>(
            [
                new(Pod("moved").Key, Pod("moved", "10.0.0.1"), Pod("moved", "10.0.0.2")),
                new(Pod("gone").Key, Pod("gone"), null),
                new(Pod("new").Key, null, Pod("new")),
            ],
            changed);
        Assert.Equal(["kept", "moved", "new"], after.All<Pod>().Select(pod => pod.Metadata.Name));
        Assert.Equal(["gone", "kept", "moved"], before.All<Pod>().Select(pod => pod.Metadata.Name));
    }

    [Fact]
    public void The_order_of_changes_to_different_objects_does_not_matter()
    {
        Resource[] objects = [Pod("b"), Pod("a"), new Service(new("ns", "b")), new Namespace(new("", "ns"))];

        Assert.Equal(
            ResourceSnapshot.Of(objects).AllObjects(),
            ResourceSnapshot.Of(objects.Reverse()).AllObjects());
        Assert.Equal(objects.Select(resource => resource.Key).Order(), ResourceSnapshot.Of(objects).AllObjects().Select(resource => resource.Key));
    }

    [Fact]
    public void A_location_is_kept_as_long_as_its_object()
    {
        var pod = Pod("web");
        var read = ResourceSnapshot.Empty.Apply(Batch(new ResourceChange(pod.Key, pod, Here)), out _);
        Assert.Equal(Here, read.LocationOf(pod.Key));

        // The file was edited above the object: the same content in another line.
        var moved = read.Apply(Batch(new ResourceChange(pod.Key, pod, Here with { Line = 9 })), out var changed);
        Assert.Empty(changed);
        Assert.Equal(9, moved.LocationOf(pod.Key)?.Line);

        Assert.Null(moved.Apply(Batch(Removed(pod.Key)), out _).LocationOf(pod.Key));
    }

    [Fact]
    public void Diagnostics_are_those_of_the_last_batch()
    {
        var bad = ResourceSnapshot.Empty.Apply(new([], [new("OSM1002", default, null, "", "Bad", "Mend it", Here)], true, 0), out _);

        Assert.Single(bad.Diagnostics);
        Assert.Empty(bad.Apply(Batch(), out _).Diagnostics);
    }

    private static Pod Pod(string name, string address = "10.0.0.9") => new(new("ns", name)) { Addresses = [address] };

    private static ResourceChange Set(Resource resource) => new(resource.Key, resource);

    private static ResourceChange Removed(ResourceKey key) => new(key, null);

    private static ResourceBatch Batch(params ResourceChange[] changes) => new(changes.ToEquatableArray(), [], true, 0);
}
