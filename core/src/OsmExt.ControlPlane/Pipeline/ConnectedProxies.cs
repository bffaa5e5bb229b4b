using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Contributions;
using OsmExt.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// The streams that proxies have, and the scope each is attached to. When a pod's labels or services change, its proxy moves to
/// another scope without reconnecting. Used by the pipeline's loop only.
/// </summary>
internal sealed partial class ConnectedProxies(ScopePublisher scopes, StreamRegistry streams, BuildLimits builds, TimeProvider time, ILogger<ConnectedProxies> logger)
{
    // By stream and not by proxy: while one build of Envoy replaces another in a pod, each must be sent what it offers.
    private readonly Dictionary<ConnectedProxy, LiveScope> _streams = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _countByProxy = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _leftAt = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceKey, List<ConnectedProxy>> _byPod = [];
    private bool _retry;

    public int Count => _countByProxy.Count;

    /// <summary>One for each stream.</summary>
    public IReadOnlyCollection<ConnectedProxy> Streams => _streams.Keys;

    /// <summary>Whether one more proxy may have a stream; whoever has one already is none more.</summary>
    public bool HasRoomFor(string proxyId, MeshState state)
        => state.Index.Mesh.Settings.MaxProxies is var most && (most == 0 || Count < most || _countByProxy.ContainsKey(proxyId));

    /// <summary>The scope a proxy is attached to, that of its latest stream if it has several; null when it is not connected.</summary>
    public ProxyScope? ScopeOf(string proxyId)
        => _streams.LastOrDefault(stream => string.Equals(stream.Key.ProxyId, proxyId, StringComparison.Ordinal)).Value?.Scope;

    /// <summary>The scope a stream is attached to.</summary>
    public ProxyScope? ScopeOf(ConnectedProxy stream) => _streams.GetValueOrDefault(stream)?.Scope;

    /// <summary>When a proxy that is not connected had its last stream; null when it never had one.</summary>
    public long? LeftAt(string proxyId) => _leftAt.TryGetValue(proxyId, out var at) ? at : null;

    public void Connected(ConnectedProxy client, MeshState state)
    {
        _leftAt.Remove(client.ProxyId);
        var scope = scopes.Ensure((ProxyScope)client.ScopeKey, state);
        scope.Streams++;
        _streams.Add(client, scope);
        if (!_byPod.TryGetValue(client.Pod, out var ofPod))
        {
            _byPod[client.Pod] = ofPod = [];
        }

        ofPod.Add(client);
        builds.Connected(client.ProxyId, client.Capabilities);
        _countByProxy[client.ProxyId] = _countByProxy.GetValueOrDefault(client.ProxyId) + 1;

        // The mesh may have changed while it was let in.
        TryPlace(client, scope, state);
    }

    public void Disconnected(ConnectedProxy client)
    {
        if (!_streams.Remove(client, out var scope))
        {
            return;
        }

        if (_byPod[client.Pod] is var ofPod && ofPod.Remove(client) && ofPod.Count == 0)
        {
            _byPod.Remove(client.Pod);
        }

        Leave(scope);
        builds.Disconnected(client.ProxyId, client.Capabilities);
        if (--_countByProxy[client.ProxyId] == 0)
        {
            _countByProxy.Remove(client.ProxyId);
            _leftAt[client.ProxyId] = time.GetTimestamp();
        }
    }

    /// <summary>Looks at every stream again after the mesh changed.</summary>
    public void Place(MeshState state)
    {
        _retry = false;
        foreach (var gone in _leftAt.Keys.Where(proxy => state.Proxies.Find(PodOf(proxy)) is null).ToArray())
        {
            _leftAt.Remove(gone);
        }

        foreach (var (client, scope) in _streams.ToArray())
        {
            TryPlace(client, scope, state);
        }
    }

    /// <summary>Looks again at the streams of pods that have changed.</summary>
    public void Place(MeshState state, IEnumerable<ResourceKey> pods)
    {
        foreach (var pod in pods)
        {
            if (state.Proxies.Find(pod) is null)
            {
                _leftAt.Remove($"{pod.Namespace}/{pod.Name}");
            }

            foreach (var client in _byPod.TryGetValue(pod, out var streams) ? streams.ToArray() : [])
            {
                TryPlace(client, _streams[client], state);
            }
        }
    }

    /// <summary>Tries again where the last attempt failed.</summary>
    public void RetryPlacing(MeshState state)
    {
        if (_retry)
        {
            Place(state);
        }
    }

    // One proxy that cannot be given its new scope keeps what it has and holds up no other.
    private void TryPlace(ConnectedProxy client, LiveScope before, MeshState state)
    {
        // A pod that is gone keeps what it has: its proxy will be gone too, or the pod will be back.
        if (state.Proxies.Find(client.Pod) is not { } proxy || state.Contributions.ScopeOf(proxy, client.Capabilities) is var wanted && wanted == before.Scope)
        {
            return;
        }

        try
        {
            var target = scopes.Ensure(wanted, state);
            Leave(before);
            target.Streams++;
            _streams[client] = target;
            streams.Move(client, target.Scope);
        }
        catch (Exception failure)
        {
            _retry = true;
            Log.NotPlaced(logger, client.ProxyId, failure);
        }
    }

    private static ResourceKey PodOf(string proxyId)
    {
        var slash = proxyId.IndexOf('/', StringComparison.Ordinal);
        return new(nameof(Pod), proxyId[..slash], proxyId[(slash + 1)..]);
    }

    private void Leave(LiveScope scope)
    {
        scope.Streams--;
        scope.IdleSince = time.GetTimestamp();
    }

    private static partial class Log
    {
        [LoggerMessage(5030, LogLevel.Error, "{Proxy} has changed and could not be configured anew; it keeps what it has, and it is tried again")]
        public static partial void NotPlaced(ILogger logger, string proxy, Exception failure);
    }
}

/// <summary>What a proxy proved itself with when it connected.</summary>
/// <param name="Root">The root that issued it.</param>
/// <param name="TrustDomain">The trust domain it names the proxy in.</param>
/// <param name="Validity">When it is valid.</param>
internal sealed record ProxyCredential(string Root, string TrustDomain, ValidityWindow Validity);

/// <summary>A proxy with a stream.</summary>
/// <param name="ProxyId">Its pod, as <c>NAMESPACE/NAME</c>.</param>
/// <param name="Scope">The scope it was let in with.</param>
/// <param name="Pod">Its pod.</param>
/// <param name="Capabilities">What it said it can do.</param>
internal sealed record ConnectedProxy(string ProxyId, ProxyScope Scope, ResourceKey Pod, ProxyCapabilities Capabilities)
    : ConnectedClient(ProxyId, Scope)
{
    /// <summary>What it proved itself with.</summary>
    public required ProxyCredential Credential { get; init; }
}
