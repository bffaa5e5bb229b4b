namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// Pauses between attempts: each time twice as long, up to a limit, and each drawn from the upper half, so that the proxies of a mesh whose
/// control plane has restarted do not come back in step.
/// </summary>
/// <param name="shortest">The first pause at most.</param>
/// <param name="longest">Any pause at most.</param>
/// <param name="chance">Draws.</param>
internal sealed class Backoff(TimeSpan shortest, TimeSpan longest, Chance chance)
{
    private int _failures;

    public TimeSpan Next()
    {
        // Beyond thirty doublings the limit was reached long ago, and the number would overflow.
        var full = Math.Min(shortest.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)), longest.TotalMilliseconds);
        _failures++;
        return TimeSpan.FromMilliseconds(full * (0.5 + (chance.NextDouble() / 2)));
    }

    public void Reset() => _failures = 0;
}
