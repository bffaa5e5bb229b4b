using System.Net;

namespace OsmExt.Simulation;

/// <summary>Where packets arrive: what lies between proxies.</summary>
internal interface ISimulatedNetwork
{
    /// <summary>
    /// Who receives connections to an address: the pod that has it; for a service's virtual address any of its endpoints, one of which
    /// the node picks; nobody when the address is known to lead nowhere.
    /// </summary>
    IReadOnlyList<Receiver> ReceiversOf(IPEndPoint destination);

    /// <summary>The addresses that a proxy finds for a host name; none when that is not known.</summary>
    IReadOnlyList<IPAddress> Resolve(string host, int port) => [];
}

/// <summary>Somebody who receives connections.</summary>
/// <param name="Name">Who.</param>
/// <param name="Address">At which address and port.</param>
/// <param name="Proxy">Its proxy, which takes its connections; null when it has none.</param>
internal sealed record Receiver(string Name, IPEndPoint Address, ProxyConfiguration? Proxy)
{
    /// <summary>What a backend reached this way is called when no cluster names it.</summary>
    public string Backend { get; init; } = Name;
}
