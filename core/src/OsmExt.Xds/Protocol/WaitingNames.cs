using System.Collections;

namespace OsmExt.Xds.Protocol;

/// <summary>Names that wait for something, with the age of the oldest wait. Once empty it starts anew.</summary>
internal sealed class WaitingNames : IReadOnlyCollection<string>
{
    private readonly NameSet _names = [];

    public int Count => _names.Count;

    /// <summary>Length of all names together.</summary>
    public long Characters { get; private set; }

    /// <summary>The oldest input revision a name waits on behalf of; <see cref="long.MaxValue"/> if none waits.</summary>
    public long Revision { get; private set; } = long.MaxValue;

    /// <summary>Timestamp since when there are names; a later one does not make the first look younger.</summary>
    public long? Since { get; private set; }

    public bool Contains(string name) => _names.Contains(name);

    public void Add(string name, long revision, long now)
    {
        Characters += _names.Add(name) ? name.Length : 0;
        Revision = Math.Min(Revision, revision);
        Since ??= now;
    }

    public bool Remove(string name)
    {
        var removed = _names.Remove(name);
        Characters -= removed ? name.Length : 0;
        Settle();
        return removed;
    }

    public void RemoveWhere(Predicate<string> condition)
    {
        foreach (var name in _names.Where(name => condition(name)).ToList())
        {
            Remove(name);
        }
    }

    public void Clear()
    {
        _names.Clear();
        Characters = 0;
        Settle();
    }

    public IEnumerator<string> GetEnumerator() => _names.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Settle()
    {
        if (_names.Count == 0)
        {
            Revision = long.MaxValue;
            Since = null;
        }
    }
}
