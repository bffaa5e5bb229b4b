using System.Collections;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// A few names for a short while. There are dozens of these for each stream, nearly all of them empty nearly always: an empty one, or one of a single name,
/// takes no memory of its own.
/// </summary>
internal sealed class NameSet : IReadOnlyCollection<string>
{
    // Null, a string, or a HashSet of strings.
    private object? _names;

    public int Count => _names switch
    {
        null => 0,
        HashSet<string> many => many.Count,
        _ => 1,
    };

    public bool Contains(string name) => _names switch
    {
        null => false,
        HashSet<string> many => many.Contains(name),
        var one => string.Equals((string)one, name, StringComparison.Ordinal),
    };

    /// <summary>Returns whether it is new.</summary>
    public bool Add(string name)
    {
        if (_names is HashSet<string> many)
        {
            return many.Add(name);
        }

        if (Contains(name))
        {
            return false;
        }

        _names = _names is string one ? new HashSet<string>(StringComparer.Ordinal) { one, name } : name;
        return true;
    }

    /// <summary>Returns whether it was there.</summary>
    public bool Remove(string name)
    {
        var removed = _names is HashSet<string> many ? many.Remove(name) : Contains(name);
        _names = removed && (_names is string || Count == 0) ? null : _names;
        return removed;
    }

    /// <summary>Returns how many there were.</summary>
    public int RemoveWhere(Predicate<string> condition)
    {
        var gone = this.Where(name => condition(name)).ToList();
        gone.ForEach(name => Remove(name));
        return gone.Count;
    }

    public void Clear() => _names = null;

    public IEnumerator<string> GetEnumerator() => _names switch
    {
        null => Enumerable.Empty<string>().GetEnumerator(),
        HashSet<string> many => many.GetEnumerator(),
        var one => Enumerable.Repeat((string)one, 1).GetEnumerator(),
    };

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
