using System.Collections.Immutable;
using System.Net;

namespace OsmExt.Simulation.Meshes;

/// <summary>A pod.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Sidecar">Its sidecar; null when it has none. Made when it is first asked for: most requests concern two pods of a mesh.</param>
internal sealed record SimulatedPod(string Namespace, string Name, ImmutableArray<IPAddress> Addresses, Lazy<ProxyConfiguration?> Sidecar)
{
    public SimulatedPod(string @namespace, string name, ImmutableArray<IPAddress> addresses, ProxyConfiguration? sidecar)
        : this(@namespace, name, addresses, new Lazy<ProxyConfiguration?>(sidecar))
    {
    }

    /// <summary>Its sidecar; null when it has none.</summary>
    public ProxyConfiguration? Proxy => Sidecar.Value;

    /// <summary>What its own hosts file calls it; it means itself by that, whatever services are called so.</summary>
    public string Hostname { get; init; } = Name;

    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>A service: a name, virtual addresses, and who serves each port.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its virtual addresses; none for a headless one.</param>
/// <param name="Ports">Its ports.</param>
internal sealed record SimulatedService(string Namespace, string Name, ImmutableArray<IPAddress> Addresses, ImmutableArray<SimulatedPort> Ports)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>A port of a service.</summary>
/// <param name="Port">What clients dial.</param>
/// <param name="Endpoints">Who serves it, with the name each has inside a headless service.</param>
internal sealed record SimulatedPort(int Port, ImmutableArray<(string Hostname, IPEndPoint Address)> Endpoints);
