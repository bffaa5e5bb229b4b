namespace OsmExt.Xds.Protocol;

/// <summary>
/// What a client subscribes to in one type. The rules, from "How the client specifies what resources to return" of the xDS
/// protocol: "*" means everything. A first request without names means "*" too, for as long as no name was ever given;
/// once one was, an empty list is an empty list.
/// </summary>
internal sealed class Interest
{
    public const string Everything = "*";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private bool _legacyWildcard;

    public bool Wildcard { get; private set; }

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Length of all names together.</summary>
    public long Characters { get; private set; }

    public bool Covers(string name) => Wildcard || _names.Contains(name);

    /// <summary>State of the world: <paramref name="names"/> is all the client wants from now on.</summary>
    public InterestChange Replace(IReadOnlyList<string> names, bool first)
    {
        if (names.Count == 0 && (first || _legacyWildcard))
        {
            return BeginLegacyWildcard();
        }

        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var wildcard = wanted.Remove(Everything);
        var change = new InterestChange
        {
            Asked = [.. wanted.Where(name => !_names.Contains(name))],
            Dropped = [.. _names.Where(name => !wanted.Contains(name))],
            WildcardAsked = wildcard && !Wildcard,
            WildcardDropped = Wildcard && !wildcard,
        };

        _legacyWildcard = false;
        Wildcard = wildcard;
        Remove(change.Dropped);
        Add(change.Asked);
        return change;
    }

    /// <summary>
    /// Delta. A name asked for again counts as asked: the client may have forgotten it. Saying "*" where it was only
    /// implied until now continues the subscription and asks for nothing.
    /// </summary>
    public InterestChange Update(IReadOnlyList<string> subscribe, IReadOnlyList<string> unsubscribe, bool first)
    {
        if (first && subscribe.Count == 0 && unsubscribe.Count == 0)
        {
            return BeginLegacyWildcard();
        }

        var asked = subscribe.ToHashSet(StringComparer.Ordinal);
        var saysEverything = asked.Remove(Everything);
        var wildcardAsked = saysEverything && !_legacyWildcard;
        Wildcard |= saysEverything;
        _legacyWildcard &= subscribe.Count == 0;
        Add(asked);

        var dropped = unsubscribe.ToHashSet(StringComparer.Ordinal);
        var wildcardDropped = dropped.Remove(Everything) && Wildcard;
        if (wildcardDropped)
        {
            Wildcard = _legacyWildcard = false;
        }

        dropped.IntersectWith(_names);
        Remove(dropped);
        asked.ExceptWith(dropped);
        return new() { Asked = [.. asked], Dropped = [.. dropped], WildcardAsked = wildcardAsked && Wildcard, WildcardDropped = wildcardDropped };
    }

    private void Add(IReadOnlyCollection<string> names)
    {
        _names.EnsureCapacity(_names.Count == 0 ? names.Count : 0);
        foreach (var name in names)
        {
            Characters += _names.Add(name) ? name.Length : 0;
        }
    }

    private void Remove(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Characters -= _names.Remove(name) ? name.Length : 0;
        }
    }

    private InterestChange BeginLegacyWildcard()
    {
        var begins = !Wildcard;
        Wildcard = _legacyWildcard = true;
        return new() { WildcardAsked = begins };
    }
}
