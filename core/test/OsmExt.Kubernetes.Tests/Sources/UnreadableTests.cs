using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Tests.Manifests;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>Files and directories that cannot be read, or are not there.</summary>
public sealed class UnreadableTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(2025);

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void What_cannot_be_read_is_told_and_does_not_hide_the_rest()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("bytes.yaml", "");
        File.WriteAllBytes(_tree.At("bytes.yaml"), [0x61, 0x3a, 0x20, 0xff, 0xfe, 0xfd]);
        _tree.Write("dir.yaml/inside.yaml", Manifest.Service("inside"));
        _tree.Write("large.yaml", new string('#', 2000));
        _tree.Link("dangling.json", "nowhere.json");
        _tree.Link("loop.yml", "loop.yml");
        using var watch = new VirtualWatch(new DirectorySourceOptions { Paths = [_tree.Root], MaxFileBytes = 1000 });

        var batch = watch.Next();

        Assert.True(batch.IsSynced);
        Assert.Equal("one", watch.Names);
        Assert.Equal(
            [
                "bytes.yaml: error OSM1002: It is not UTF-8 text. Save it as UTF-8.",
                "dangling.json: error OSM1001: It is a symbolic link to nothing. Put a readable file in its place, or remove it.",
                "dir.yaml: error OSM1001: It is a directory. Put a readable file in its place, or remove it.",
                "large.yaml: error OSM1001: It has 2000 bytes; the limit is 1000. Split it into several files.",
                "loop.yml: error OSM1001: It is a symbolic link to nothing. Put a readable file in its place, or remove it.",
            ],
            batch.Diagnostics.Select(found => found.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_becomes_unreadable_keeps_its_objects_in_force()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();

        File.Delete(_tree.At("a.yaml"));
        Directory.CreateDirectory(_tree.At("a.yaml"));
        Assert.Empty(watch.Next().Changes);
        Assert.Equal(("one", "OSM1001 OSM1009"), (watch.Names, watch.Codes));

        Directory.Delete(_tree.At("a.yaml"));
        _tree.Link("a.yaml", "later.txt");
        watch.Next();
        Assert.Equal(("one", "OSM1001 OSM1009"), (watch.Names, watch.Codes));

        File.WriteAllText(_tree.At("later.txt"), Manifest.Service("two"));
        Assert.Equal("two", Assert.Single(watch.Next().Changes).Key.Name);
        Assert.Equal("one", Assert.Single(watch.Next().Changes).Key.Name);
        Assert.Equal(("two", ""), (watch.Names, watch.Codes));
    }

    [Fact]
    public void Nothing_is_complete_before_every_path_is_there()
    {
        var other = _tree.Outside("other");
        _tree.Write("a.yaml", Manifest.Service("one"));
        using var watch = new VirtualWatch(new DirectorySourceOptions { Paths = [_tree.Root, other] });

        var batch = watch.Next();
        Assert.False(batch.IsSynced);
        Assert.Equal(("one", "OSM1001"), (watch.Names, watch.Codes));
        Assert.Equal($"{other}: error OSM1001: There is no such file or directory. Create it, or make it readable for this process.", batch.Diagnostics[0].ToString());

        Directory.CreateDirectory(other);
        batch = watch.Next(Soon);
        Assert.True(batch.IsSynced);
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void A_directory_that_vanishes_takes_nothing_with_it()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("b.yaml", Manifest.Service("two"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();

        Directory.Move(_tree.Root, _tree.Outside("away"));
        var batch = watch.Next(Soon);
        Assert.Empty(batch.Changes);
        Assert.True(batch.IsSynced);
        Assert.Equal(("one two", "OSM1001 OSM1009"), (watch.Names, watch.Codes));

        Directory.Move(_tree.Outside("away"), _tree.Root);
        batch = watch.Next(Soon);
        Assert.Empty(batch.Changes);
        Assert.Empty(batch.Diagnostics);
    }

    [Fact]
    public void A_directory_that_returns_is_given_time_to_fill()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("b.yaml", Manifest.Service("two"));
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        Directory.Delete(_tree.Root, recursive: true);
        watch.Next(Soon);

        Directory.CreateDirectory(_tree.Root);
        Assert.Empty(watch.Next(Soon).Changes);
        Assert.Equal("one two", watch.Names);
        Assert.Null(watch.TryNext(TimeSpan.FromMilliseconds(200)));
        _tree.Write("a.yaml", Manifest.Service("one", port: 81));

        Assert.Equal(81, watch.Next().Changes.Select(change => change.Resource).OfType<OsmExt.Sdk.Resources.Service>().Single().Ports[0].Port);
        Assert.Equal("one two", watch.Names);
        Assert.Equal("two", Assert.Single(watch.Next().Changes).Key.Name);
        Assert.Equal("one", watch.Names);
    }

    [Fact]
    public void Single_files_can_be_watched_and_may_vanish_as_well()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("b.yaml", Manifest.Service("two"));
        using var watch = new VirtualWatch(_tree.At("a.yaml"));
        watch.Next();
        Assert.Equal("a.yaml:1:1", watch.Snapshot.LocationOf(new("Service", "shop", "one"))!.ToString());

        File.Delete(_tree.At("a.yaml"));
        watch.Next();
        Assert.Equal(("one", "OSM1001 OSM1009"), (watch.Names, watch.Codes));
    }

    [Fact]
    public void A_file_reached_in_several_ways_is_read_once()
    {
        _tree.Write("sub/a.yaml", Manifest.Service("one"));
        _tree.Link("z.yaml", "sub/a.yaml");
        _tree.Link("again", "sub");
        _tree.Link("sub/up", "..");
        using var watch = new VirtualWatch(new DirectorySourceOptions { Paths = [_tree.Root, _tree.At("sub"), _tree.At("sub/a.yaml")] });

        var batch = watch.Next();
        Assert.Empty(batch.Diagnostics);
        Assert.EndsWith("/again/a.yaml:1:1", Assert.Single(batch.Changes).Location!.ToString(), StringComparison.Ordinal);
    }
}
