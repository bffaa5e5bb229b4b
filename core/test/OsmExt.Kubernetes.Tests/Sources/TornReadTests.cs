using Microsoft.Extensions.Time.Testing;
using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Tests.Manifests;

namespace OsmExt.Kubernetes.Tests.Sources;

public sealed class TornReadTests : IDisposable
{
    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_file_written_to_since_the_scan_is_left_for_the_next_time_unless_patience_is_at_an_end()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("b.yaml", Manifest.Service("two"));
        var scan = DirectoryScanner.Scan([_tree.Root]);
        _tree.Write("b.yaml", $"{Manifest.Service("two")}---\n{Manifest.Service("three")}");
        var files = new TrackedFiles(new DirectorySourceOptions { Paths = [_tree.Root] }, new FakeTimeProvider());

        Assert.True(files.Update(scan, since: 0, mustRead: false, CancellationToken.None));
        Assert.Equal("one", Names(files));

        // No more is read than the scan saw.
        Assert.False(files.Update(scan, since: 0, mustRead: true, CancellationToken.None));
        Assert.Equal("one two", Names(files));

        Assert.False(files.Update(DirectoryScanner.Scan([_tree.Root]), since: 0, mustRead: false, CancellationToken.None));
        Assert.Equal("one two three", Names(files));
    }

    private static string Names(TrackedFiles files)
        => string.Join(' ', files.Contents.SelectMany(content => content.Reading.Resources).Select(resource => resource.Metadata.Name));
}
