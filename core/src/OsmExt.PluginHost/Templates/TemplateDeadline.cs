namespace OsmExt.PluginHost.Templates;

/// <summary>
/// Ends a rendering that has worked too long. Time in which this process did not get a processor is not its fault, and must not decide what a mesh does: only when the
/// process has worked for as long as the limit says, or the clock says many times that, is it over.
/// </summary>
internal sealed class TemplateDeadline : IDisposable
{
    private const int Patience = 10;
    private readonly CancellationTokenSource _over = new();
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly TimeSpan _worked = Worked;
    private readonly long _began;
    private readonly ITimer _timer;

    public TemplateDeadline(TimeSpan limit, TimeProvider time)
    {
        (_limit, _time, _began) = (limit, time, time.GetTimestamp());
        _timer = time.CreateTimer(static deadline => ((TemplateDeadline)deadline!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _over.Token;

    // Of all threads: at least as much as that of the one that renders.
    private static TimeSpan Worked => OperatingSystem.IsBrowser() ? TimeSpan.Zero : Environment.CpuUsage.TotalTime;

    public void Dispose()
    {
        _timer.Dispose();
        _over.Dispose();
    }

    private void Look()
    {
        var left = _limit - (Worked - _worked);
        try
        {
            if (left <= TimeSpan.Zero || _time.GetElapsedTime(_began) >= Patience * _limit)
            {
                _over.Cancel();
            }
            else
            {
                _timer.Change(left, Timeout.InfiniteTimeSpan);
            }
        }
        catch (ObjectDisposedException)
        {
            // It was done in time.
        }
    }
}
