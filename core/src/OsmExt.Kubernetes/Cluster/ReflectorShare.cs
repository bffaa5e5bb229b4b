namespace OsmExt.Kubernetes.Cluster;

/// <summary>What all reflectors of a process have in common.</summary>
/// <param name="Options">How patient they are.</param>
/// <param name="Time">Their clock.</param>
/// <param name="Random">Keeps them from doing the same at the same moment.</param>
internal sealed record ReflectorShare(ReflectorOptions Options, TimeProvider Time, Random Random) : IDisposable
{
    private readonly SemaphoreSlim _lists = new(Options.ListsAtOnce, Options.ListsAtOnce);

    /// <summary>Which cluster it is.</summary>
    public ClusterIdentity Cluster { get; } = new();

    public double NextDouble()
    {
        lock (Random)
        {
            return Random.NextDouble();
        }
    }

    /// <summary>Waits until a list may be asked for. After an outage all kinds may need one, and the server has enough to do then.</summary>
    public async Task<IDisposable> EnterListAsync(CancellationToken cancellationToken)
    {
        await _lists.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(_lists);
    }

    public void Dispose() => _lists.Dispose();

    private sealed class Turn(SemaphoreSlim lists) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                lists.Release();
            }
        }
    }
}
