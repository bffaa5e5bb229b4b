namespace OsmExt.LocalRuntime.Processes;

/// <summary>How long to wait before a process that ended is started again: longer each time, short again once it ran well.</summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RanWell = TimeSpan.FromSeconds(10);

    private TimeSpan _next = First;

    /// <summary>The wait after a run that lasted so long.</summary>
    public TimeSpan After(TimeSpan run)
    {
        var wait = run >= RanWell ? First : _next;
        _next = wait * 2 < Longest ? wait * 2 : Longest;
        return wait;
    }
}
