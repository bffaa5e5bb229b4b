using System.Collections.Concurrent;
using OsmExt.Envoy;

namespace OsmExt.Fleet.Proxies;

/// <summary>What all proxies of a process share.</summary>
internal sealed class FleetContext(FleetCredentials credentials, Shares shares)
{
    /// <summary>How the end of a stream begins that ended by a mistake of the fleet's own.</summary>
    public const string Fault = "fault of the fleet: ";

    private readonly TaskCompletionSource _calm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, int> _ends = new(StringComparer.Ordinal);
    private Watched? _watched;
    private long _responses;
    private long _secrets;
    private long _resources;
    private long _bytes;
    private long _refusals;

    public ResourceTable Table { get; } = new();

    public FleetCredentials Credentials => credentials;

    public Shares Shares => shares;

    /// <summary>Where the server listens, on loopback.</summary>
    public int Port { get; set; }

    /// <summary>What proxies look for in what they are sent, if anything.</summary>
    public Watched? Watched
    {
        get => Volatile.Read(ref _watched);
        set => Volatile.Write(ref _watched, value);
    }

    /// <summary>Completes when every proxy is to be a good one from then on.</summary>
    public Task Calm => _calm.Task;

    public long Responses => Interlocked.Read(ref _responses);

    /// <summary>Those of them that had secrets.</summary>
    public long Secrets => Interlocked.Read(ref _secrets);

    public long Resources => Interlocked.Read(ref _resources);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>How streams ended, and how often.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    public void CalmDown() => _calm.TrySetResult();

    public void Count(Response response, int bytes, bool refused)
    {
        Interlocked.Increment(ref _responses);
        Interlocked.Add(ref _secrets, string.Equals(response.TypeUrl, TypeUrls.Secret, StringComparison.Ordinal) ? 1 : 0);
        Interlocked.Add(ref _resources, response.Resources.Count + response.Removed.Count);
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Add(ref _refusals, refused ? 1 : 0);
    }

    public void Ended(string why) => _ends.AddOrUpdate(why, 1, static (_, count) => count + 1);
}
