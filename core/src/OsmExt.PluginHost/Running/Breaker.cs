namespace OsmExt.PluginHost.Running;

/// <summary>
/// Keeps a plugin that fails again and again from being called: after three failures in a row for a while, and after one that
/// never came back until its files change, since what hangs cannot be stopped.
/// </summary>
internal sealed class Breaker(TimeProvider time)
{
    private const int Patience = 3;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private int _failures;
    private long _openedAt;
    private bool _isHung;

    /// <summary>Why the plugin is not called; null when it may be.</summary>
    public string? Reason => _isHung
        ? "it did not come back from an earlier call and is not called again until its files change"
        : _failures >= Patience && time.GetElapsedTime(_openedAt) < Rest
            ? $"it failed {_failures} times in a row and is not called for {Rest.TotalSeconds} s"
            : null;

    public void Succeeded() => _failures = 0;

    public void Failed(bool hung)
    {
        _isHung |= hung;
        _failures++;
        _openedAt = time.GetTimestamp();
    }
}
