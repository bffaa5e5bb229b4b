namespace OsmExt.Xds.Protocol;

/// <summary>
/// What one proxy refused, on whichever of its streams. It outlives a stream, so that a proxy that reconnects is not
/// offered again what it refused before.
/// </summary>
internal sealed class ProxyRejections(string proxyId)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string TypeUrl, string Name), Rejection> _byResource = [];

    public string ProxyId => proxyId;

    public IReadOnlyList<Rejection> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byResource.Values.OrderBy(static r => r.TypeUrl, StringComparer.Ordinal).ThenBy(static r => r.Name, StringComparer.Ordinal)];
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _byResource.Count == 0;
            }
        }
    }

    public void Record(Rejection rejection)
    {
        lock (_lock)
        {
            _byResource[(rejection.TypeUrl, rejection.Name)] = rejection;
        }
    }

    public IReadOnlyList<Rejection> Recall(string typeUrl)
    {
        lock (_lock)
        {
            return [.. _byResource.Values.Where(r => string.Equals(r.TypeUrl, typeUrl, StringComparison.Ordinal))];
        }
    }

    public void Forget(Rejection rejection)
    {
        lock (_lock)
        {
            var key = (rejection.TypeUrl, rejection.Name);
            if (_byResource.TryGetValue(key, out var current) && string.Equals(current.Version, rejection.Version, StringComparison.Ordinal))
            {
                _byResource.Remove(key);
            }
        }
    }

    public void ForgetType(string typeUrl)
    {
        lock (_lock)
        {
            foreach (var key in _byResource.Keys.Where(k => string.Equals(k.TypeUrl, typeUrl, StringComparison.Ordinal)).ToList())
            {
                _byResource.Remove(key);
            }
        }
    }
}
