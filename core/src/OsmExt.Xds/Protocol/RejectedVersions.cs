using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>The versions of one type that the client of a stream refused and that are not offered to it again.</summary>
internal sealed class RejectedVersions(string typeUrl, ProxyRejections proxy)
{
    // Most clients refuse nothing.
    private Dictionary<string, Rejection>? _byName;

    public IReadOnlyCollection<Rejection> All => _byName is null ? [] : _byName.Values;

    /// <summary>What the client said last, whether or not it could be pinned to a resource.</summary>
    public string? LastError { get; private set; }

    public DateTimeOffset? LastErrorAt { get; private set; }

    public bool Contains(XdsResource resource) => Find(resource.Name)?.Concerns(resource) == true;

    /// <summary>A stream begins. A process without history may not be the one that refused, and has no good version to stay with.</summary>
    public void Recall(bool hasHistory)
    {
        if (!hasHistory)
        {
            proxy.ForgetType(typeUrl);
        }

        foreach (var rejection in proxy.Recall(typeUrl))
        {
            Add(rejection);
        }
    }

    /// <summary>A rejection ends with the version it speaks of.</summary>
    public void Supersede(string name, XdsResource? current)
    {
        if (Find(name) is { } rejection && (current is null || !rejection.Concerns(current)))
        {
            Remove(rejection);
        }
    }

    /// <summary>The client took after all what it refused on another stream.</summary>
    public void Taken(XdsResource resource)
    {
        if (Find(resource.Name) is { } rejection && rejection.Concerns(resource))
        {
            Remove(rejection);
        }
    }

    /// <summary>What was refused without the client saying that it is to blame may be offered again. Returns the names.</summary>
    public IReadOnlyList<string> ForgiveUnnamed()
    {
        var unnamed = All.Where(rejection => !rejection.IsNamed).ToList();
        unnamed.ForEach(Remove);
        return unnamed.ConvertAll(rejection => rejection.Name);
    }

    public string Said(string error, DateTimeOffset now)
    {
        LastErrorAt = now;
        return LastError = RejectionMessage.Clean(error);
    }

    public Rejection Record(XdsResource resource)
    {
        var rejection = new Rejection(
            proxy.ProxyId, typeUrl, resource.Name, resource.Version, LastError ?? "", LastErrorAt ?? default, resource.Origins);
        Add(rejection);
        proxy.Record(rejection);
        return rejection;
    }

    private Rejection? Find(string name) => _byName?.GetValueOrDefault(name);

    private void Add(Rejection rejection) => (_byName ??= new(StringComparer.Ordinal))[rejection.Name] = rejection;

    private void Remove(Rejection rejection)
    {
        _byName?.Remove(rejection.Name);
        proxy.Forget(rejection);
    }
}
