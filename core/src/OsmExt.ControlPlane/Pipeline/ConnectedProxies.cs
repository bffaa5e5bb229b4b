using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// The proxies that have streams, and the scope each is attached to. When a pod's labels or services change, its proxy moves to
/// another scope without reconnecting. Used by the pipeline's loop only.
/// </summary>
internal sealed class ConnectedProxies(ScopePublisher scopes, StreamRegistry streams, TimeProvider time)
{
    private readonly Dictionary<string, Entry> _byId = new(StringComparer.Ordinal);

    public int Count => _byId.Count;

    /// <summary>The scope a proxy is attached to; null when it is not connected.</summary>
    public ProxyScope? ScopeOf(string proxyId) => _byId.GetValueOrDefault(proxyId)?.Scope.Scope;

    public void Connected(ConnectedProxy client, MeshState state)
    {
        if (!_byId.TryGetValue(client.ProxyId, out var entry))
        {
            _byId[client.ProxyId] = entry = new(client.Pod) { Scope = scopes.Ensure((ProxyScope)client.ScopeKey, state), Capabilities = client.Capabilities };
        }

        entry.Streams++;
        entry.Scope.Streams++;
        // A proxy that came back may be another Envoy than before, and the mesh may have changed while it was let in.
        entry.Capabilities = client.Capabilities;
        Place(client.ProxyId, entry, state);
        streams.Move(client.ProxyId, entry.Scope.Scope);
    }

    public void Disconnected(ConnectedProxy client)
    {
        if (!_byId.TryGetValue(client.ProxyId, out var entry))
        {
            return;
        }

        entry.Streams--;
        Leave(entry.Scope, 1);
        if (entry.Streams == 0)
        {
            _byId.Remove(client.ProxyId);
        }
    }

    /// <summary>Looks at every proxy again after the mesh changed.</summary>
    public void Place(MeshState state)
    {
        foreach (var (id, entry) in _byId)
        {
            Place(id, entry, state);
        }
    }

    private void Place(string id, Entry entry, MeshState state)
    {
        // A pod that is gone keeps what it has: its proxy will be gone too, or the pod will be back.
        if (state.Proxies.Find(entry.Pod)?.ScopeFor(entry.Capabilities) is not { } scope || scope == entry.Scope.Scope)
        {
            return;
        }

        var target = scopes.Ensure(scope, state);
        Leave(entry.Scope, entry.Streams);
        target.Streams += entry.Streams;
        entry.Scope = target;
        streams.Move(id, target.Scope);
    }

    private void Leave(LiveScope scope, int count)
    {
        scope.Streams -= count;
        scope.IdleSince = time.GetTimestamp();
    }

    private sealed class Entry(ResourceKey pod)
    {
        public ResourceKey Pod => pod;

        public required ProxyCapabilities Capabilities { get; set; }

        public required LiveScope Scope { get; set; }

        public int Streams { get; set; }
    }
}

/// <summary>A proxy with a stream.</summary>
/// <param name="ProxyId">Its pod, as <c>NAMESPACE/NAME</c>.</param>
/// <param name="Scope">The scope it was let in with.</param>
/// <param name="Pod">Its pod.</param>
/// <param name="Capabilities">What it said it can do.</param>
internal sealed record ConnectedProxy(string ProxyId, ProxyScope Scope, ResourceKey Pod, ProxyCapabilities Capabilities) : ConnectedClient(ProxyId, Scope);
