using OsmExt.Xds.Snapshots;
using Prometheus;

namespace OsmExt.ControlPlane.Observability;

/// <summary>Where the time of changes goes: each stage of a change's life by itself, so that they add up. Both labels take a handful of values.</summary>
internal sealed class ChangeMetrics(IMetricFactory factory, TimeProvider time)
{
    private static readonly double[] Seconds = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60];

    private readonly Histogram _stages = factory.CreateHistogram("osm_change_stage_seconds",
        "Time that changes spent in a stage: waiting, compiling, translating, queueing, sending to the last proxy, acknowledging by the last proxy.", ["kind", "stage"],
        new HistogramConfiguration { Buckets = Seconds });

    private readonly Histogram _convergence = factory.CreateHistogram("osm_config_convergence_seconds", "From noticing a change to its last acknowledgement, by lane.", ["lane"],
        new HistogramConfiguration { Buckets = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40, 90] });

    private readonly Counter _unacknowledged = factory.CreateCounter("osm_changes_unacknowledged_total", "Changes that some proxy has not answered in the time that is waited for it.", ["kind"]);

    /// <summary>How a kind is called in labels.</summary>
    public static string Label(ChangeKind kind) => kind switch
    {
        ChangeKind.Endpoints => "endpoints",
        ChangeKind.Policy => "policy",
        ChangeKind.Plugins => "plugins",
        _ => "certificates",
    };

    /// <summary>The loop is done with it.</summary>
    public void Queued(ChangeJourney change) => Observe(change, change.Stages);

    /// <summary>Every proxy that it concerns has answered, or has had its time.</summary>
    public void Ended(ChangeJourney change, Converged result)
    {
        if (result.Open > 0)
        {
            _unacknowledged.WithLabels(Label(change.Kind)).Inc();
            return;
        }

        Observe(change, change.StagesOf(result));
        _convergence.WithLabels(Label(change.Kind)).Observe(time.GetElapsedTime(change.NoticedAt).TotalSeconds);
    }

    private void Observe(ChangeJourney change, IEnumerable<(string Name, TimeSpan Took)> stages)
    {
        foreach (var (stage, took) in stages)
        {
            _stages.WithLabels(Label(change.Kind), stage).Observe(took.TotalSeconds);
        }
    }
}
