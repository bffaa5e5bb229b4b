using System.Diagnostics;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Observability;

/// <summary>
/// Tells of each change as a trace: one span from when it was noticed to the last acknowledgement, and in it one for each stage. Spans are made when the change has
/// come to its end, from times that are taken anyway, so that nothing is spent where nobody listens; and no more than so many a second.
/// </summary>
internal sealed class ChangeTraces(TimeProvider time) : IDisposable
{
    /// <summary>The name listeners know them by.</summary>
    public const string SourceName = "OsmExt.ControlPlane";

    private const int TracesPerSecond = 10;

    private readonly ActivitySource _source = new(SourceName, Build.Version);
    private readonly Lock _lock = new();
    private readonly Pace _pace = new(TracesPerSecond, time);

    public void Tell(ChangeJourney change, Converged result)
    {
        if (!_source.HasListeners() || !IsTaken())
        {
            return;
        }

        // A request that happens to be served here is not what caused the change.
        Activity.Current = null;
        var now = time.GetUtcNow();
        var noticed = now - time.GetElapsedTime(change.NoticedAt);
        using var whole = _source.StartActivity("change", ActivityKind.Internal, default(ActivityContext), Tags(change, result), links: null, noticed);
        if (whole is null)
        {
            return;
        }

        var (parent, at) = (whole.Context, noticed);
        at = Stage(parent, "waiting", at, change.Waiting, change, result);
        at = Stage(parent, "compiling", at, change.Compiling, change, result);
        at = Stage(parent, "translating", at, change.Translating, change, result);
        at = Stage(parent, "queueing", at, change.Queueing, change, result);
        if (result.Streams > 0)
        {
            var acknowledging = result.Sent is { } sent ? result.Elapsed - sent : TimeSpan.Zero;
            var sending = now - acknowledging - at;
            at = Stage(parent, "sending", at, sending > TimeSpan.Zero ? sending : TimeSpan.Zero, change, result);
            Stage(parent, "acknowledging", at, acknowledging, change, result);
        }

        if (result.Open > 0)
        {
            whole.SetStatus(ActivityStatusCode.Error, $"{result.Open} of {result.Streams} streams have not answered");
        }

        whole.SetEndTime(result.Streams > 0 ? now.UtcDateTime : at.UtcDateTime);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static IEnumerable<KeyValuePair<string, object?>> Tags(ChangeJourney change, Converged result)
    {
        yield return new("osm.revision", result.Revision);
        yield return new("osm.change.kind", ChangeMetrics.Label(change.Kind));
        yield return new("osm.streams", result.Streams);
        if (result.Last is { } last)
        {
            yield return new("osm.proxy.last", last);
        }

        if (result.Open > 0)
        {
            yield return new("osm.proxy.unanswered", result.Unanswered.ToArray());
        }
    }

    private DateTimeOffset Stage(ActivityContext parent, string name, DateTimeOffset start, TimeSpan took, ChangeJourney change, Converged result)
    {
        using var stage = _source.StartActivity(name, ActivityKind.Internal, parent,
            [new("osm.revision", result.Revision), new("osm.change.kind", ChangeMetrics.Label(change.Kind))], links: null, start);
        stage?.SetEndTime((start + took).UtcDateTime);
        return start + took;
    }

    private bool IsTaken()
    {
        lock (_lock)
        {
            return _pace.TryTake();
        }
    }
}
