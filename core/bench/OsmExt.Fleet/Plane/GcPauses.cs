using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace OsmExt.Fleet.Plane;

/// <summary>How long the garbage collector held up the process, each time.</summary>
internal sealed class GcPauses : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const int GarbageCollection = 0x1;
    private const int RestartEnd = 3;
    private const int SuspendBegin = 9;
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private DateTime _began;

    public double[] Milliseconds => [.. _milliseconds];

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
        {
            EnableEvents(eventSource, EventLevel.Informational, (EventKeywords)GarbageCollection);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == SuspendBegin)
        {
            _began = eventData.TimeStamp;
        }
        else if (eventData.EventId == RestartEnd && _began != default)
        {
            _milliseconds.Enqueue((eventData.TimeStamp - _began).TotalMilliseconds);
        }
    }
}
