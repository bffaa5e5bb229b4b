using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Observability;

/// <summary>What a change was about, and so which way it took.</summary>
internal enum ChangeKind
{
    /// <summary>Only endpoints changed.</summary>
    Endpoints,

    /// <summary>Policy was compiled.</summary>
    Policy,

    /// <summary>Other plugins were put in force, and policy was compiled for it.</summary>
    Plugins,

    /// <summary>Certificates of workloads were replaced.</summary>
    Certificates,
}

/// <summary>
/// A change on its way through the pipeline: when it was noticed, and when each stage ended. Written by the pipeline's loop, read by whoever measures
/// when the loop is done with it.
/// </summary>
internal sealed class ChangeJourney
{
    private readonly TimeProvider _time;
    private long _compiledAt;

    private ChangeJourney(ChangeKind kind, long noticedAt, long takenAt, TimeProvider time)
        => (Kind, NoticedAt, TakenAt, _compiledAt, QueuedAt, _time) = (kind, noticedAt, takenAt, takenAt, takenAt, time);

    public ChangeKind Kind { get; }

    /// <summary>When the source noticed the first of what it is made of.</summary>
    public long NoticedAt { get; }

    /// <summary>When the loop took it up.</summary>
    public long TakenAt { get; }

    /// <summary>When all that follows from it was published to streams.</summary>
    public long QueuedAt { get; private set; }

    /// <summary>Until the loop took it up: for a moment of quiet, or behind others.</summary>
    private TimeSpan Waiting => _time.GetElapsedTime(NoticedAt, TakenAt);

    /// <summary>Until it was known what it means for the mesh.</summary>
    private TimeSpan Compiling => _time.GetElapsedTime(TakenAt, _compiledAt);

    /// <summary>Until that was Envoy configuration, for all scopes together.</summary>
    private TimeSpan Translating { get; set; }

    /// <summary>Until streams knew: comparing with what there was, and placing proxies.</summary>
    private TimeSpan Queueing => _time.GetElapsedTime(_compiledAt, QueuedAt) - Translating is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;

    /// <summary>The stages up to the streams, one after the other.</summary>
    public IReadOnlyList<(string Name, TimeSpan Took)> Stages => [("waiting", Waiting), ("compiling", Compiling), ("translating", Translating), ("queueing", Queueing)];

    /// <summary>The stages after that, once it is known what became of it.</summary>
    public IReadOnlyList<(string Name, TimeSpan Took)> StagesOf(Converged result)
    {
        var acknowledging = result.Sent is { } sent ? result.Elapsed - sent : TimeSpan.Zero;
        var sending = _time.GetElapsedTime(QueuedAt) - acknowledging;
        return [("sending", sending > TimeSpan.Zero ? sending : TimeSpan.Zero), ("acknowledging", acknowledging)];
    }

    /// <param name="kind">What it is about.</param>
    /// <param name="noticedAt">When it was noticed; null for now.</param>
    /// <param name="time">The clock.</param>
    public static ChangeJourney Begin(ChangeKind kind, long? noticedAt, TimeProvider time)
    {
        var now = time.GetTimestamp();
        return new(kind, noticedAt ?? now, now, time);
    }

    public void Compiled() => _compiledAt = QueuedAt = _time.GetTimestamp();

    /// <param name="translating">How much of the time since then was translation.</param>
    public void Queued(TimeSpan translating) => (QueuedAt, Translating) = (_time.GetTimestamp(), translating);
}
