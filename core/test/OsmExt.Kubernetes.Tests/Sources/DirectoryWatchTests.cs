using OsmExt.Kubernetes.Tests.Manifests;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>What changes to files lead to, and when, in virtual time.</summary>
public sealed class DirectoryWatchTests : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Rescan = TimeSpan.FromSeconds(2);

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void The_first_look_gives_everything_at_once()
    {
        _tree.Write("b/two.yml", Manifest.Service("two"));
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("three")}");
        _tree.Write("c.json", """{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "four", "namespace": "shop"}}""");
        _tree.Write("notes.txt", "not a manifest");
        _tree.Write(".hidden.yaml", "not: read");
        _tree.Write(".git/config.yaml", "not: read");
        using var watch = new VirtualWatch(_tree.Root);

        var batch = watch.Next();

        Assert.True(batch.IsSynced);
        Assert.Equal(0, watch.Now - batch.ObservedAt);
        Assert.Empty(batch.Diagnostics);
        Assert.Equal(["four", "one", "three", "two"], batch.Changes.Select(change => change.Key.Name));
        Assert.Equal("b/two.yml:1:1", batch.Changes[3].Location!.ToString());
    }

    [Fact]
    public void An_idle_directory_is_only_looked_at_every_rescan()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();

        Assert.Null(watch.TryNext(TimeSpan.FromMinutes(1)));
        Assert.InRange(watch.Steps, 30, 33);
    }

    [Fact]
    public void A_change_is_read_when_nobody_writes_any_more()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        var start = watch.Now;
        _tree.Write("a.yaml", Manifest.Service("one", port: 81));

        var batch = watch.Next();

        Assert.Equal(81, Assert.IsType<Service>(Assert.Single(batch.Changes).Resource).Ports[0].Port);
        Assert.Equal(Rescan.Ticks, batch.ObservedAt - start);
        Assert.Equal((Rescan + Quiet).Ticks, watch.Now - start);
    }

    [Fact]
    public void A_file_that_grows_is_read_when_it_is_whole()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        var text = $"{Manifest.Service("one", port: 81)}---\n{Manifest.Service("two")}---\n{Manifest.Service("three")}";
        Assert.Null(watch.TryNext(Rescan - TimeSpan.FromMilliseconds(1)));
        for (var length = 10; length < text.Length; length += 15)
        {
            _tree.Write("a.yaml", text[..length]);
            Assert.Null(watch.TryNext(TimeSpan.FromMilliseconds(20)));
        }

        _tree.Write("a.yaml", text);
        var batch = watch.Next(TimeSpan.FromMilliseconds(60));

        Assert.Equal(3, batch.Changes.Count);
        Assert.Equal("one three two", watch.Names);
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void A_file_that_is_never_left_alone_is_read_all_the_same()
    {
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        Assert.Null(watch.TryNext(Rescan - TimeSpan.FromMilliseconds(1)));
        var start = watch.Now;
        ResourceBatch? batch = null;
        for (var i = 1; batch is null && i < 1000; i++)
        {
            _tree.Write("a.yaml", Manifest.Service("one", port: i));
            batch = watch.TryNext(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal("one", watch.Names);
        Assert.InRange(watch.Now - start, TimeSpan.FromMilliseconds(500).Ticks, TimeSpan.FromMilliseconds(530).Ticks);
    }

    [Fact]
    public void A_broken_document_keeps_what_the_file_said_before_in_force()
    {
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        _tree.Write("a.yaml", $"{Manifest.Service("one", port: 81)}---\na: b: c\n");

        var batch = watch.Next();
        Assert.Equal("one", Assert.Single(batch.Changes).Key.Name);
        Assert.Equal("one two", watch.Names);
        Assert.Equal(
            [
                "a.yaml:6:5: error OSM1002: While scanning a plain scalar value, found invalid mapping. Mend the document; until then none of its objects is read.",
                "a.yaml:6:5: warning OSM1009: Service shop/two: Its last good version stays in force: it is not to be seen any more, but a.yaml:6:5 cannot be read and "
                + "may hide it. Mend what is reported there, or delete the file to remove the object.",
            ],
            batch.Diagnostics.Select(found => found.ToString()).Order(StringComparer.Ordinal));
        Assert.Null(watch.TryNext(TimeSpan.FromMinutes(1)));

        _tree.Write("a.yaml", $"{Manifest.Service("one", port: 81)}---\n{Manifest.Service("two", port: 82)}");
        batch = watch.Next();
        Assert.Equal("two", Assert.Single(batch.Changes).Key.Name);
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void An_object_that_became_invalid_keeps_its_last_good_version()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        _tree.Write("a.yaml", $"# a new first line\n{Manifest.Service("one", port: 99999)}");

        var batch = watch.Next();
        var change = Assert.Single(batch.Changes);
        Assert.Equal(80, Assert.IsType<Service>(change.Resource).Ports[0].Port);
        Assert.Equal("a.yaml:2:1", change.Location!.ToString());
        Assert.Equal("OSM1009 OSM1004", watch.Codes);

        _tree.Write("a.yaml", "");
        Assert.Empty(watch.Next().Changes);
        Assert.Null(Assert.Single(watch.Next().Changes).Resource);
        Assert.Equal("", watch.Codes);
    }

    [Fact]
    public void What_a_file_rewritten_in_place_lacks_is_missed_for_a_while_before_it_is_gone()
    {
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        _tree.Write("a.yaml", Manifest.Service("one", port: 81));
        var start = watch.Now;

        Assert.Equal("one", Assert.Single(watch.Next().Changes).Key.Name);
        Assert.Equal("one two", watch.Names);
        Assert.Equal((Rescan + Quiet).Ticks, watch.Now - start);

        var removal = watch.Next();
        Assert.Equal(new ResourceChange(new("Service", "shop", "two"), null), Assert.Single(removal.Changes));
        Assert.Equal((Rescan + Quiet + Settle).Ticks, watch.Now - start);
        Assert.Equal(Rescan.Ticks, removal.ObservedAt - start);
    }

    [Fact]
    public void What_comes_back_in_time_was_never_gone()
    {
        var whole = $"{Manifest.Service("one")}---\n{Manifest.Service("two")}";
        _tree.Write("a.yaml", whole);
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();

        _tree.Write("a.yaml", "");
        Assert.Null(watch.TryNext(Rescan + Quiet + Settle - TimeSpan.FromMilliseconds(5)));
        _tree.Write("a.yaml", whole);
        Assert.Null(watch.TryNext(TimeSpan.FromMinutes(1)));
        Assert.Equal("one two", watch.Names);
    }

    [Fact]
    public void A_deleted_file_takes_its_objects_with_it_at_once()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("sub/b.yaml", Manifest.Service("two"));
        _tree.Write("sub/c.yaml", Manifest.Service("three"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();

        File.Delete(_tree.At("a.yaml"));
        Assert.Null(Assert.Single(watch.Next(Rescan + Quiet).Changes).Resource);
        Directory.Delete(_tree.At("sub"), recursive: true);
        Assert.Equal(2, watch.Next(Rescan + Quiet).Changes.Count);
        Assert.Equal("", watch.Names);
    }

    [Fact]
    public void An_object_that_moves_to_another_file_is_never_gone()
    {
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        File.Move(_tree.At("a.yaml"), _tree.At("b.yaml"));

        Assert.All(watch.Next().Changes, change => Assert.Equal("b.yaml", change.Location!.File));

        _tree.Write("b.yaml", $"{Manifest.Service("one")}---\n[");
        _tree.Write("c.yaml", Manifest.Service("two", port: 82));
        var change = Assert.Single(watch.Next().Changes);
        Assert.Equal("c.yaml:1:1", change.Location!.ToString());
        Assert.Equal(DiagnosticCodes.Syntax, watch.Codes);
    }

    [Fact]
    public void A_ConfigMap_is_read_through_its_links_and_swapped_at_once()
    {
        _tree.Write("..2025_01/a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        _tree.Write("..2025_02/a.yaml", Manifest.Service("one", port: 81));
        File.SetLastWriteTimeUtc(_tree.At("..2025_02/a.yaml"), File.GetLastWriteTimeUtc(_tree.At("..2025_01/a.yaml")));
        _tree.Link("..data", "..2025_01");
        _tree.Link("a.yaml", "..data/a.yaml");
        using var watch = new VirtualWatch(_tree.Root);
        Assert.Empty(watch.Next().Diagnostics);
        Assert.Equal("one two", watch.Names);

        _tree.Swap("..data", "..2025_02");
        var batch = watch.Next(Rescan + Quiet);

        Assert.Equal("a.yaml:1:1", batch.Changes[0].Location!.ToString());
        Assert.Equal("one", watch.Names);
        Assert.Equal(81, watch.Snapshot.All<Service>().Single().Ports[0].Port);
    }

    [Fact]
    public void A_file_touched_or_written_again_is_no_change()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        _tree.Touch(_tree.At("a.yaml"));
        Assert.Null(watch.TryNext(TimeSpan.FromSeconds(10)));
        _tree.Write("a.yaml", Manifest.Service("one"));
        Assert.Null(watch.TryNext(TimeSpan.FromSeconds(10)));
        _tree.Write("a.yaml", $"{Manifest.Service("one")}# trailing\n");
        Assert.Null(watch.TryNext(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_duplicate_is_told_with_both_places_and_the_first_file_counts()
    {
        _tree.Write("b.yaml", Manifest.Service("one", port: 82));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();

        _tree.Write("a.yaml", $"{Manifest.Service("zero")}---\n{Manifest.Service("one", port: 81)}");
        var batch = watch.Next();
        Assert.Equal(
            "b.yaml:1:1: error OSM1006: Service shop/one: This object is also defined at a.yaml:6:1, which comes first and counts. Remove one of the two.",
            Assert.Single(batch.Diagnostics).ToString());
        Assert.Equal(81, watch.Snapshot.Find<Service>(new("Service", "shop", "one"))!.Ports[0].Port);

        // Broken, the first one does not let the second in by the back door.
        _tree.Write("a.yaml", $"{Manifest.Service("zero")}---\n{Manifest.Service("one", port: -1)}");
        Assert.Empty(watch.Next().Changes);
        Assert.Equal("OSM1006 OSM1009 OSM1004", watch.Codes);

        File.Delete(_tree.At("a.yaml"));
        Assert.Equal(2, watch.Next().Changes.Count);
        Assert.Equal(82, watch.Snapshot.Find<Service>(new("Service", "shop", "one"))!.Ports[0].Port);
        Assert.Equal("", watch.Codes);
    }

    [Fact]
    public void Equal_duplicates_are_a_warning()
    {
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("one")}");
        using var watch = new VirtualWatch(_tree.Root);

        Assert.Equal(Severity.Warning, Assert.Single(watch.Next().Diagnostics).Severity);
        Assert.Equal("a.yaml:1:1", watch.Snapshot.LocationOf(new("Service", "shop", "one"))!.ToString());
    }
}
