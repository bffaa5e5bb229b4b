namespace OsmExt.Xds.Protocol;

/// <summary>
/// Endpoints that a client is about to ask for, because it was just sent clusters that use them. Routes to those clusters
/// are better not sent before; but a client that never asks must not hold them back for ever.
/// </summary>
internal sealed class AwaitedEndpoints(TimeProvider clock, TimeSpan patience)
{
    private readonly NameSet _names = [];

    /// <summary>Timestamp from which patience counts.</summary>
    public long Since { get; private set; }

    /// <summary>Names added to others that still wait do not get patience of their own: steady change must not hold up the rest for ever.</summary>
    public void Await(IEnumerable<string> names)
    {
        var now = clock.GetTimestamp();
        Since = IsActive(now) ? Since : now;
        foreach (var name in names)
        {
            _names.Add(name);
        }
    }

    public void Arrived(Interest interest)
    {
        if (_names.Count > 0)
        {
            _names.RemoveWhere(interest.Covers);
        }
    }

    public void Forgive(string name) => _names.Remove(name);

    public bool IsActive(long now)
    {
        Expire(now);
        return _names.Count > 0;
    }

    private void Expire(long now)
    {
        if (_names.Count > 0 && clock.GetElapsedTime(Since, now) >= patience)
        {
            _names.Clear();
        }
    }
}
