namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// How long to wait before the next attempt: twice as long each time, and never twice the same, so that those whom one failure hit do not all come
/// back at once.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _attempts;

    public TimeSpan Next(TimeSpan? asked = null)
    {
        var full = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 20)));
        double share;
        lock (random)
        {
            share = random.NextDouble();
        }

        var wait = TimeSpan.FromMilliseconds(full * (0.5 + share));
        return asked > wait ? asked.Value + TimeSpan.FromMilliseconds(first.TotalMilliseconds * share) : wait;
    }

    public void Reset() => _attempts = 0;
}
