using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>A source that is read, as the control plane's store does it. No batch may say again what is known, and none may come before all is known.</summary>
internal sealed class ReadCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private ResourceSnapshot _snapshot = ResourceSnapshot.Empty;
    private bool _isSynced;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadCluster(ClusterClient client, ClusterSourceOptions options, TimeProvider? time = null)
        => _reading = ReadAsync(new ClusterSource(client, options, time ?? TimeProvider.System, new(1)));

    /// <summary>Short waits, so that tests of failures take no time.</summary>
    public static ReflectorOptions Hasty { get; } = new()
    {
        FirstWait = TimeSpan.FromMilliseconds(2), LongestWait = TimeSpan.FromMilliseconds(50), Healthy = TimeSpan.FromMilliseconds(200), DoubtPause = TimeSpan.FromMilliseconds(20),
    };

    public ResourceSnapshot Snapshot
    {
        get
        {
            lock (_lock)
            {
                return _snapshot;
            }
        }
    }

    public bool IsSynced
    {
        get
        {
            lock (_lock)
            {
                return _isSynced;
            }
        }
    }

    public int Changes { get; private set; }

    /// <summary>Waits for something that must come.</summary>
    public async Task<ResourceSnapshot> UntilAsync(Func<ResourceSnapshot, bool> condition, string what)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (true)
        {
            Task news;
            lock (_lock)
            {
                if (_isSynced && condition(_snapshot))
                {
                    return _snapshot;
                }

                news = _news.Task;
            }

            await (await Task.WhenAny(news, _reading).WaitAsync(bound.Token));
            Assert.False(bound.IsCancellationRequested, what);
        }
    }

    public Task<ResourceSnapshot> SyncedAsync() => UntilAsync(_ => true, "It is not synced");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _reading);
        _stop.Dispose();
    }

    private async Task ReadAsync(ClusterSource source)
    {
        await foreach (var batch in source.WatchAsync(_stop.Token))
        {
            lock (_lock)
            {
                Assert.True(batch.IsSynced || batch.Changes.IsEmpty, "Objects came before all of them were known");
                Assert.True(batch.IsSynced || !_isSynced, "It was synced already");
                _snapshot = _snapshot.Apply(batch, out var differences);
                Assert.Equal(batch.Changes.Count, differences.Length);
                Changes += differences.Length;
                _isSynced = batch.IsSynced;
                _news.TrySetResult();
                _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
