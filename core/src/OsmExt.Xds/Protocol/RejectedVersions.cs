using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>The versions of one type that the client of a stream refused and that are not offered to it again.</summary>
internal sealed class RejectedVersions(string typeUrl, ProxyRejections proxy)
{
    private readonly Dictionary<string, Rejection> _byName = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Rejection> All => _byName.Values;

    /// <summary>What the client said last, whether or not it could be pinned to a resource.</summary>
    public string? LastError { get; private set; }

    public DateTimeOffset? LastErrorAt { get; private set; }

    public bool Contains(XdsResource resource) => _byName.TryGetValue(resource.Name, out var rejection) && rejection.Concerns(resource);

    /// <summary>A stream begins. A process without history may not be the one that refused, and has no good version to stay with.</summary>
    public void Recall(bool hasHistory)
    {
        if (!hasHistory)
        {
            proxy.ForgetType(typeUrl);
        }

        foreach (var rejection in proxy.Recall(typeUrl))
        {
            _byName[rejection.Name] = rejection;
        }
    }

    /// <summary>A rejection ends with the version it speaks of.</summary>
    public void Supersede(string name, XdsResource? current)
    {
        if (_byName.TryGetValue(name, out var rejection) && (current is null || !rejection.Concerns(current)))
        {
            _byName.Remove(name);
            proxy.Forget(rejection);
        }
    }

    /// <summary>The client took after all what it refused on another stream.</summary>
    public void Taken(XdsResource resource)
    {
        if (Contains(resource) && _byName.Remove(resource.Name, out var rejection))
        {
            proxy.Forget(rejection);
        }
    }

    /// <summary>What was refused without the client saying that it is to blame may be offered again. Returns the names.</summary>
    public IReadOnlyList<string> ForgiveUnnamed()
    {
        var unnamed = _byName.Values.Where(rejection => !rejection.IsNamed).ToList();
        foreach (var rejection in unnamed)
        {
            _byName.Remove(rejection.Name);
            proxy.Forget(rejection);
        }

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
        _byName[resource.Name] = rejection;
        proxy.Record(rejection);
        return rejection;
    }
}
