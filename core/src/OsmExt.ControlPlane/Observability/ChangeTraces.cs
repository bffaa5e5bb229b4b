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
        var noticed = time.GetUtcNow() - time.GetElapsedTime(change.NoticedAt);
        using var whole = _source.StartActivity("change", ActivityKind.Internal, default(ActivityContext), Tags(change, result), links: null, noticed);
        if (whole is null)
        {
            return;
        }

        var at = noticed;
        foreach (var (name, took) in change.Stages.Concat(result.Streams > 0 ? change.StagesOf(result) : []))
        {
            using var stage = _source.StartActivity(name, ActivityKind.Internal, whole.Context,
                [new("osm.revision", result.Revision), new("osm.change.kind", ChangeMetrics.Label(change.Kind))], links: null, at);
            at += took;
            stage?.SetEndTime(at.UtcDateTime);
        }

        if (result.Open > 0)
        {
            whole.SetStatus(ActivityStatusCode.Error, $"{result.Open} of {result.Streams} streams have not answered");
        }

        whole.SetEndTime(at.UtcDateTime);
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

    private bool IsTaken()
    {
        lock (_lock)
        {
            return _pace.TryTake();
        }
    }
}
