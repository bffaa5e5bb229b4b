using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>Adds since when conditions are what they are: a condition keeps its time while its status is the same, whatever is said with it.</summary>
internal static class StatusTimes
{
    public static ObjectStatus Of(ObjectStatus made, ObjectStatus? before, DateTimeOffset now)
    {
        // As precise as it is written, so that what is read again is the same.
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        var timed = made with
        {
            Conditions = [.. made.Conditions.Select(condition => condition with
            {
                LastTransition = before?.Condition(condition.Type) is { } known && known.Status == condition.Status ? known.LastTransition : now,
            })],
        };
        return timed.Equals(before) ? before! : timed;
    }
}
