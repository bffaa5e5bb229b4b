using OsmExt.Simulation;

namespace OsmExt.DataPlane;

/// <summary>Carries configurations out: the part of a sidecar that connections and requests pass.</summary>
internal interface ITraffic : IAsyncDisposable
{
    /// <summary>
    /// Puts a configuration in force, whole. When it returns, new connections and new requests are decided by it, and every listener it
    /// binds is bound. Connections that an older one let in go on where nothing about them changed, and are drained where it did.
    /// </summary>
    /// <exception cref="ListenerException">A listener cannot be bound. The others, and all else, are in force all the same.</exception>
    Task ApplyAsync(ProxyConfiguration configuration, CancellationToken stop);

    /// <summary>What is known of every endpoint now, for the admin endpoint.</summary>
    IReadOnlyList<EndpointStatus> Endpoints { get; }
}
