using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Observability;

/// <summary>
/// Follows each change until every proxy concerned has acknowledged it, from the moment the source noticed it: as metrics, as a trace, and the latest for
/// the debug page. One that a proxy does not answer is followed for a while, and no more than so many at once.
/// </summary>
internal sealed partial class ConvergenceLog(
    SnapshotCache cache, ChangeMetrics metrics, ChangeTraces traces, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ConvergenceLog> logger)
{
    private const int Remembered = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<Convergence> _latest = new();

    public IReadOnlyList<Convergence> Latest
    {
        get
        {
            lock (_lock)
            {
                return [.. _latest];
            }
        }
    }

    /// <summary>The change has been published as this revision.</summary>
    public void Follow(long revision, ChangeJourney change)
    {
        metrics.Queued(change);
        _ = FollowAsync(revision, change);
    }

    private async Task FollowAsync(long revision, ChangeJourney change)
    {
        try
        {
            var result = await cache.FollowAsync(revision, Patience, lifetime.ApplicationStopping).ConfigureAwait(false);
            traces.Tell(change, result);
            if (result.Streams == 0)
            {
                return;
            }

            metrics.Ended(change, result);
            if (result.Open > 0)
            {
                Log.NotAnswered(logger, revision, result.Open, result.Streams, string.Join(", ", result.Unanswered));
                return;
            }

            var entry = new Convergence(revision, change.Kind, time.GetElapsedTime(change.NoticedAt), result.Streams, time.GetUtcNow());
            lock (_lock)
            {
                _latest.Enqueue(entry);
                if (_latest.Count > Remembered)
                {
                    _latest.Dequeue();
                }
            }

            Log.Converged(logger, change.Kind == ChangeKind.Endpoints ? LogLevel.Debug : LogLevel.Information, revision, result.Streams, (long)entry.Elapsed.TotalMilliseconds);
        }
        catch (OperationCanceledException)
        {
            // Shutting down; nobody waits for the figure any more.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5010, Message = "Revision {Revision} is in force on {Streams} streams that it concerned, {Milliseconds} ms after it was noticed")]
        public static partial void Converged(ILogger logger, LogLevel level, long revision, int streams, long milliseconds);

        [LoggerMessage(5011, LogLevel.Debug, "Revision {Revision} is not answered on {Open} of {Streams} streams, and not followed any longer: {Proxies}")]
        public static partial void NotAnswered(ILogger logger, long revision, int open, int streams, string proxies);
    }
}

/// <summary>A change that every proxy concerned has acknowledged.</summary>
/// <param name="Revision">The change.</param>
/// <param name="Kind">What it was about.</param>
/// <param name="Elapsed">From noticing it to the last acknowledgement.</param>
/// <param name="Streams">How many streams it concerned.</param>
/// <param name="At">When the last acknowledgement came.</param>
internal sealed record Convergence(long Revision, ChangeKind Kind, TimeSpan Elapsed, int Streams, DateTimeOffset At);
