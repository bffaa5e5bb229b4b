using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Tests.Manifests;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>
/// The source with real file events. It is told to rescan once an hour and to doubt removals for an hour, so that whatever comes
/// within a test's patience came of an event, and of what the event says about the way a file was changed.
/// </summary>
public sealed class DirectorySourceTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempTree _tree = new();
    private readonly CancellationTokenSource _stop = new();
    private IAsyncEnumerator<ResourceBatch>? _batches;
    private ResourceSnapshot _snapshot = ResourceSnapshot.Empty;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_batches is not null)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _batches.MoveNextAsync().AsTask());
            await _batches.DisposeAsync();
        }

        _stop.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task A_new_source_touches_nothing()
    {
        var source = new DirectorySource(new DirectorySourceOptions { Paths = ["\0 no path at all"] }, TimeProvider.System);
        Assert.NotNull(source.WatchAsync(_stop.Token));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_file_put_in_place_by_a_rename_is_believed_at_once()
    {
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        await StartAsync(_tree.Root);
        Assert.Equal("one two", Names);

        _tree.Replace("a.yaml", Manifest.Service("one", port: 81));
        await UntilAsync("one");

        _tree.Replace("b.yaml", Manifest.Service("three"));
        await UntilAsync("one three");
    }

    [Fact]
    public async Task A_file_written_in_place_is_noticed_but_its_gaps_are_doubted()
    {
        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        await StartAsync(_tree.Root);

        _tree.Write("a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("three")}");
        await UntilAsync("one three two");

        File.Delete(_tree.At("a.yaml"));
        await UntilAsync("");
    }

    [Fact]
    public async Task A_ConfigMap_swap_is_noticed()
    {
        _tree.Write("..1/a.yaml", $"{Manifest.Service("one")}---\n{Manifest.Service("two")}");
        _tree.Write("..2/a.yaml", Manifest.Service("one"));
        _tree.Link("..data", "..1");
        _tree.Link("a.yaml", "..data/a.yaml");
        await StartAsync(_tree.Root);
        Assert.Equal("one two", Names);

        _tree.Swap("..data", "..2");
        Directory.Delete(_tree.At("..1"), recursive: true);
        await UntilAsync("one");
    }

    [Fact]
    public async Task Directories_that_appear_move_and_go_are_noticed()
    {
        await StartAsync(_tree.Root);

        _tree.Write("new/deep/a.yaml", Manifest.Service("one"));
        await UntilAsync("one");
        _tree.Write("new/deep/b.yaml", Manifest.Service("two"));
        await UntilAsync("one two");
        Directory.Move(_tree.At("new"), _tree.At("moved"));
        await UntilAsync(() => _snapshot.LocationOf(new("Service", "shop", "one"))?.File == "moved/deep/a.yaml");
        Directory.Delete(_tree.At("moved"), recursive: true);
        await UntilAsync("");
    }

    [Fact]
    public async Task A_watched_directory_may_go_come_back_and_be_another_one()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        await StartAsync(_tree.Root);

        Directory.Move(_tree.Root, _tree.Outside("away"));
        await UntilAsync(() => _snapshot.Diagnostics.Count == 2);
        Assert.Equal("one", Names);

        Directory.CreateDirectory(_tree.Root);
        await UntilAsync(() => _snapshot.Diagnostics.IsEmpty);
        _tree.Write("b.yaml", Manifest.Service("two"));
        await UntilAsync("one two");
    }

    [Fact]
    public async Task A_single_file_is_watched_through_its_directory()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        _tree.Write("b.yaml", Manifest.Service("two"));
        await StartAsync(_tree.At("a.yaml"));
        Assert.Equal("one", Names);

        _tree.Replace("a.yaml", Manifest.Service("three"));
        await UntilAsync("three");
    }

    [Fact]
    public async Task A_storm_of_changes_ends_in_what_the_files_say()
    {
        var source = new DirectorySource(new DirectorySourceOptions { Paths = [_tree.Root] }, TimeProvider.System);
        _batches = source.WatchAsync(_stop.Token).GetAsyncEnumerator();
        await NextAsync();
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            // Without the care Write takes: several changes in one tick of the kernel's clock, some of equal length.
            var path = _tree.At($"{(char)('a' + random.Next(5))}.yaml");
            var text = Manifest.Service($"s{random.Next(8)}", port: random.Next(1, 9));
            if (i % 7 == 0)
            {
                File.Delete(path);
            }
            else if (i % 3 == 0)
            {
                File.WriteAllText(_tree.Outside("next"), text);
                File.Move(_tree.Outside("next"), path, overwrite: true);
            }
            else
            {
                File.WriteAllText(path, text);
            }
        }

        var expected = ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(_tree.Root), out _);
        await UntilAsync(() => expected.All<Service>().SequenceEqual(_snapshot.All<Service>()) && expected.Diagnostics == _snapshot.Diagnostics);
    }

    [Fact]
    public async Task Every_watch_is_its_own()
    {
        _tree.Write("a.yaml", Manifest.Service("one"));
        var source = new DirectorySource(new DirectorySourceOptions { Paths = [_tree.Root] }, TimeProvider.System);

        await foreach (var batch in source.WatchAsync(_stop.Token))
        {
            Assert.Single(batch.Changes);
            break;
        }

        await foreach (var batch in source.WatchAsync(_stop.Token))
        {
            Assert.Single(batch.Changes);
            break;
        }
    }

    private string Names => string.Join(' ', _snapshot.All<Service>().Select(service => service.Metadata.Name));

    private async Task StartAsync(string path)
    {
        var hour = TimeSpan.FromHours(1);
        var source = new DirectorySource(new DirectorySourceOptions { Paths = [path], Rescan = hour, Settle = hour }, TimeProvider.System);
        _batches = source.WatchAsync(_stop.Token).GetAsyncEnumerator();
        await NextAsync();
    }

    private Task UntilAsync(string names) => UntilAsync(() => Names == names);

    private async Task UntilAsync(Func<bool> isReached)
    {
        while (!isReached())
        {
            await NextAsync();
        }
    }

    private async Task NextAsync()
    {
        Assert.True(await _batches!.MoveNextAsync().AsTask().WaitAsync(Patience));
        _snapshot = _snapshot.Apply(_batches.Current, out _);
    }
}
