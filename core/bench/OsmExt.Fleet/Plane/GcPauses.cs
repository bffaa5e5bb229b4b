using System.Collections.Concurrent;

namespace OsmExt.Fleet.Plane;

/// <summary>
/// How long the garbage collector held up the process, each time. It looks when a collection is over, since an object without references is finalized then: listening to the runtime's events
/// would take most of the processor time of a control plane in which nothing happens.
/// </summary>
internal sealed class GcPauses : IDisposable
{
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private TimeSpan _before = GC.GetTotalPauseDuration();
    private volatile bool _isOver;

    public GcPauses() => Wait();

    /// <summary>One for each collection; where one followed too soon after another to be looked at between, one for both.</summary>
    public double[] Milliseconds => [.. _milliseconds];

    public void Dispose() => _isOver = true;

    private void Wait() => _ = new Collected(this);

    private void Look()
    {
        var now = GC.GetTotalPauseDuration();
        _milliseconds.Enqueue((now - _before).TotalMilliseconds);
        _before = now;
        if (!_isOver)
        {
            Wait();
        }
    }

    private sealed class Collected(GcPauses pauses)
    {
        ~Collected() => pauses.Look();
    }
}
