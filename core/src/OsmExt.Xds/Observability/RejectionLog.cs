using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Observability;

/// <summary>
/// What proxies refuse at present. It outlives their streams for as long as there is room, so that a proxy that comes
/// back is not offered the same again.
/// </summary>
internal sealed class RejectionLog
{
    private const int MaxAbsentProxies = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _byProxy = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _absent = new();

    /// <summary>A proxy refused something. Raised on the stream's reader, so do not linger.</summary>
    public event Action<Rejection>? Recorded;

    /// <summary>Sorted by proxy, type and name.</summary>
    public IReadOnlyList<Rejection> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byProxy.OrderBy(static p => p.Key, StringComparer.Ordinal).SelectMany(static p => p.Value.Rejections.All)];
            }
        }
    }

    public ProxyRejections Open(string proxyId)
    {
        lock (_lock)
        {
            if (!_byProxy.TryGetValue(proxyId, out var entry))
            {
                _byProxy[proxyId] = entry = new(new ProxyRejections(proxyId));
            }

            entry.Streams++;
            if (entry.Absent is { } node)
            {
                _absent.Remove(node);
                entry.Absent = null;
            }

            return entry.Rejections;
        }
    }

    public void Close(string proxyId)
    {
        lock (_lock)
        {
            if (!_byProxy.TryGetValue(proxyId, out var entry) || --entry.Streams > 0)
            {
                return;
            }

            if (entry.Rejections.IsEmpty)
            {
                _byProxy.Remove(proxyId);
                return;
            }

            entry.Absent = _absent.AddLast(proxyId);
            if (_absent.Count > MaxAbsentProxies)
            {
                _byProxy.Remove(_absent.First!.Value);
                _absent.RemoveFirst();
            }
        }
    }

    public void Announce(Rejection rejection) => Recorded?.Invoke(rejection);

    private sealed class Entry(ProxyRejections rejections)
    {
        public ProxyRejections Rejections => rejections;

        public int Streams { get; set; }

        public LinkedListNode<string>? Absent { get; set; }
    }
}
