using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>Which way a change took.</summary>
internal enum Lane
{
    /// <summary>Only endpoints changed.</summary>
    Endpoints,

    /// <summary>Policy was compiled.</summary>
    Policy,
}

/// <summary>
/// Measures how long a change takes until every proxy concerned has acknowledged it, from the moment the source noticed it, and
/// remembers the latest.
/// </summary>
internal sealed partial class ConvergenceLog(SnapshotCache cache, PipelineMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ConvergenceLog> logger)
{
    private const int Remembered = 200;
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

    public void Await(long revision, Lane lane, long? observedAt)
    {
        if (observedAt is { } start)
        {
            _ = AwaitAsync(revision, lane, start);
        }
    }

    private async Task AwaitAsync(long revision, Lane lane, long start)
    {
        try
        {
            var converged = await cache.WhenAcknowledgedAsync(revision, lifetime.ApplicationStopping).ConfigureAwait(false);
            if (converged.Streams == 0)
            {
                return;
            }

            var result = new Convergence(revision, lane, time.GetElapsedTime(start), converged.Streams, time.GetUtcNow());
            metrics.Converged(result);
            lock (_lock)
            {
                _latest.Enqueue(result);
                if (_latest.Count > Remembered)
                {
                    _latest.Dequeue();
                }
            }

            Log.Converged(logger, lane == Lane.Policy ? LogLevel.Information : LogLevel.Debug, revision, result.Streams, (long)result.Elapsed.TotalMilliseconds);
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
    }
}

/// <summary>A change that every proxy concerned has acknowledged.</summary>
/// <param name="Revision">The change.</param>
/// <param name="Lane">Which way it took.</param>
/// <param name="Elapsed">From noticing it to the last acknowledgement.</param>
/// <param name="Streams">How many streams it concerned.</param>
/// <param name="At">When the last acknowledgement came.</param>
internal sealed record Convergence(long Revision, Lane Lane, TimeSpan Elapsed, int Streams, DateTimeOffset At);
