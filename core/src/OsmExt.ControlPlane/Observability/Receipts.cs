using OsmExt.ControlPlane.Pipeline;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Observability;

/// <summary>
/// Says who has a revision and who lags, and waits until enough have it. Nothing is kept for it: what each stream has still to answer is known anyway, so a receipt of
/// any revision is read from how things are.
/// </summary>
internal sealed class Receipts(MeshPipeline pipeline, ScopePublisher scopes, ConnectedProxies proxies, StreamRegistry streams, SnapshotCache cache, TimeProvider time)
{
    // News of many streams is one reason to look.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // What is no stream's news: objects that are read, policy that is compiled.
    private static readonly TimeSpan LookAnyway = TimeSpan.FromMilliseconds(100);

    // Looking takes time of the loop that also serves proxies: whoever waits takes a tenth of it, all together.
    private const int PartOfLoop = 10;

    // One look that something else held up says little.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private int _waiting;

    /// <summary>How long one of so many who wait lets pass after a look that took so long.</summary>
    public static TimeSpan Pause(TimeSpan took, int waiting)
    {
        var fair = took * ((long)waiting * PartOfLoop);
        return fair < Look ? Look : fair < LongestPause ? fair : LongestPause;
    }

    /// <summary>The receipt of a revision, as soon as so large a part of the sidecars has it, or the time is over.</summary>
    public Task<Receipt> OfRevisionAsync(long? revision, double share, TimeSpan within, CancellationToken cancellationToken)
        => WaitAsync(state => Read(revision ?? state.Snapshot.Revision, state), share, within, cancellationToken);

    /// <summary>The receipt of the revision with which objects came into force.</summary>
    public Task<Receipt> OfObjectsAsync(AskedObjects objects, double share, TimeSpan within, CancellationToken cancellationToken)
    {
        // Once they have been there, what happens to them later is another change.
        long? revision = null;
        return WaitAsync(
            state =>
            {
                var missing = revision is null ? objects.MissingIn(state.Snapshot) : [];
                revision ??= missing.Count == 0 ? state.Snapshot.Revision : null;
                return Read(revision, state) with { Missing = missing, Findings = objects.FindingsIn(pipeline.Diagnostics(state)) };
            }, share, within, cancellationToken);
    }

    private async Task<Receipt> WaitAsync(Func<MeshState, Receipt> read, double share, TimeSpan within, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            var start = time.GetTimestamp();
            while (true)
            {
                var news = cache.NewsAsync();
                var (receipt, took) = await pipeline.AskAsync(state => Timed(read, state), cancellationToken).ConfigureAwait(false);
                var left = within - time.GetElapsedTime(start);
                if (receipt.Reaches(share) || left <= TimeSpan.Zero)
                {
                    return receipt;
                }

                using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(news, Task.Delay(left < LookAnyway ? left : LookAnyway, time, enough.Token)).ConfigureAwait(false);
                await enough.CancelAsync().ConfigureAwait(false);
                var pause = Pause(took, Volatile.Read(ref _waiting));
                await Task.Delay(left < pause ? left : pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private (Receipt Receipt, TimeSpan Took) Timed(Func<MeshState, Receipt> read, MeshState state)
    {
        var start = time.GetTimestamp();
        return (read(state), time.GetElapsedTime(start));
    }

    private Receipt Read(long? revision, MeshState state)
    {
        var isPublished = revision <= state.Snapshot.Revision && pipeline.IsCompiled;
        var all = All(revision ?? long.MaxValue, state);
        return new(revision, state.Snapshot.Revision, isPublished)
        {
            Proxies = isPublished ? all : [.. all.Select(static proxy => proxy.State == ReceiptState.Has ? proxy with { State = ReceiptState.Slow, Detail = "The control plane has not taken it in yet" } : proxy)],
        };
    }

    private IReadOnlyList<ProxyReceipt> All(long revision, MeshState state)
    {
        var lags = streams.Lags().ToLookup(static lag => lag.ProxyId, StringComparer.Ordinal);
        var unconfigured = proxies.Streams.Where(stream => proxies.ScopeOf(stream) is { } scope && scopes.Find(scope) is { } live && (live.IsHeld || live.Stale))
            .Select(static stream => stream.ProxyId).ToHashSet(StringComparer.Ordinal);
        return [.. state.Proxies.All.Select(static proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}").Select(proxy => Of(proxy, revision, [.. lags[proxy]], unconfigured.Contains(proxy)))];
    }

    // Of several streams the one that is furthest behind counts.
    private ProxyReceipt Of(string proxy, long revision, IReadOnlyList<XdsLag> lags, bool isHeld)
    {
        if (lags.Count == 0)
        {
            return new(proxy, ReceiptState.Disconnected, "Its sidecar is not connected")
            {
                Since = proxies.LeftAt(proxy) is { } left ? At(left) : null,
            };
        }

        if (lags.SelectMany(static lag => lag.Rejections).OrderBy(static rejection => rejection.Time).FirstOrDefault() is { } refused)
        {
            return new(proxy, ReceiptState.Rejected, $"It refuses {Envoy.TypeUrls.ShortName(refused.TypeUrl)} {refused.Name}: {refused.Message}") { Since = refused.Time };
        }

        if (isHeld)
        {
            return new(proxy, ReceiptState.Held, "It cannot be configured anew at present and keeps what it has; osm status and the control plane's log say why");
        }

        if (!lags.Any(static lag => lag.HasListeners) || !lags.Any(static lag => lag.HasClusters))
        {
            return new(proxy, ReceiptState.Slow, "It has connected and not asked for its configuration yet");
        }

        var behind = lags.Where(lag => lag.Backlog.Owes(revision)).OrderBy(static lag => lag.Backlog.Unanswered).FirstOrDefault();
        return behind is null ? new(proxy, ReceiptState.Has) : new(proxy, ReceiptState.Slow, Why(behind))
        {
            Revision = behind.Backlog.Unanswered, Since = behind.Backlog.Since is { } since ? At(since) : null,
        };
    }

    /// <summary>What a stream that is behind waits for, for people.</summary>
    public static string Why(XdsLag lag)
        => lag.Unread is { } unread ? $"It was sent {unread}s and does not read them"
            : lag.Unanswered is { } sent ? $"It was sent {sent}s and has not answered"
            : "It has not been sent everything yet";

    private DateTimeOffset At(long timestamp) => time.GetUtcNow() - time.GetElapsedTime(timestamp);
}
