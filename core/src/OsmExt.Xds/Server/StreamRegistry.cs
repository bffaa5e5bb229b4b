using OsmExt.Xds.Observability;

namespace OsmExt.Xds.Server;

/// <summary>All open streams, by proxy.</summary>
internal sealed class StreamRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<XdsStream>> _byProxy = new(StringComparer.Ordinal);
    private long _opened;

    /// <summary>How many were ever opened.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Returns false when the proxy has as many streams as it may; those of single types are counted by themselves.</summary>
    public bool TryAdd(XdsStream stream, int maxPerProxy)
    {
        lock (_lock)
        {
            if (!_byProxy.TryGetValue(stream.Client.ProxyId, out var streams))
            {
                _byProxy[stream.Client.ProxyId] = streams = [];
            }

            if (streams.Count(other => (other.OnlyType is null) == (stream.OnlyType is null)) >= maxPerProxy)
            {
                return false;
            }

            streams.Add(stream);
            _opened++;
            return true;
        }
    }

    public void Remove(XdsStream stream)
    {
        lock (_lock)
        {
            if (_byProxy.TryGetValue(stream.Client.ProxyId, out var streams) && streams.Remove(stream) && streams.Count == 0)
            {
                _byProxy.Remove(stream.Client.ProxyId);
            }
        }
    }

    /// <summary>
    /// Attaches a client's stream to another shared scope, without its noticing more than the difference. Other streams of the
    /// same proxy stay where they are.
    /// </summary>
    public void Move(ConnectedClient client, object scopeKey)
    {
        foreach (var stream in Of(client.ProxyId).Where(stream => ReferenceEquals(stream.Client, client)))
        {
            stream.Move(scopeKey);
        }
    }

    /// <summary>
    /// Has a client connect again, and so prove anew who it is. It keeps what it has; only its streams on that connection end.
    /// </summary>
    public void Reconnect(ConnectedClient client)
    {
        foreach (var stream in Of(client.ProxyId).Where(stream => ReferenceEquals(stream.Client, client)))
        {
            stream.Leave();
        }
    }

    /// <summary>Offers a proxy again what it refused in the company of something that is gone, without saying which it meant.</summary>
    public void ForgiveUnnamed(string proxyId, string typeUrl)
    {
        foreach (var stream in Of(proxyId))
        {
            stream.ForgiveUnnamed(typeUrl);
        }
    }

    public IReadOnlyList<string> Proxies
    {
        get
        {
            lock (_lock)
            {
                return [.. _byProxy.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The state of a proxy's streams, or of all.</summary>
    public IReadOnlyList<XdsStreamView> Describe(string? proxyId = null)
        => [.. (proxyId is null ? Proxies.SelectMany(Of) : Of(proxyId)).Select(static s => s.Describe())];

    /// <summary>How far each stream's client is behind.</summary>
    public IReadOnlyList<XdsLag> Lags() => [.. Open.Select(static stream => stream.Lag())];

    /// <summary>All of them.</summary>
    public IReadOnlyList<XdsStream> Open
    {
        get
        {
            lock (_lock)
            {
                return [.. _byProxy.Values.SelectMany(static streams => streams)];
            }
        }
    }

    /// <summary>What the streams of some proxies have, one after the other.</summary>
    public IEnumerable<ClientStatus> Statuses(Predicate<string> proxies) => Proxies.Where(id => proxies(id)).SelectMany(Of).Select(static stream => stream.Status());

    /// <summary>Everybody who is connected.</summary>
    public IReadOnlyList<ConnectedClient> Clients => [.. Proxies.SelectMany(Of).Select(static stream => stream.Client).Distinct()];

    /// <summary>What each stream's client has of a type; each is looked at when it is come to.</summary>
    public IEnumerable<XdsHoldings> Holdings(string typeUrl, Predicate<ConnectedClient>? clients = null)
        => Open.Where(stream => clients is null || clients(stream.Client)).OrderBy(static stream => stream.Client.ProxyId, StringComparer.Ordinal).Select(stream => stream.HoldingsOf(typeUrl));

    private IReadOnlyList<XdsStream> Of(string proxyId)
    {
        lock (_lock)
        {
            return _byProxy.TryGetValue(proxyId, out var streams) ? [.. streams] : [];
        }
    }
}
