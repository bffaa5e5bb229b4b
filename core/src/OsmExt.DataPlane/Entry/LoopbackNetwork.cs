using System.Collections.Frozen;
using System.Net;

namespace OsmExt.DataPlane.Entry;

/// <summary>
/// A pod's network where pods are loopback addresses of one machine, for which no privilege is needed: who is where, what names mean and what
/// goes around the sidecar. The addresses that the mesh speaks of stay those of its manifests; this says where they are.
/// </summary>
internal sealed record LoopbackNetwork
{
    /// <summary>Where applications hand in what they send: an HTTP proxy and SOCKS5 in one.</summary>
    public const int EntryPort = 15080;

    /// <summary>Where a sidecar takes what other pods send to its pod, each connection with a header that says from where to where.</summary>
    public const int DoorPort = 15007;

    /// <summary>The sidecar's own ports, as everywhere.</summary>
    public const int AdminPort = 15000;

    private const int OutboundPort = 15001;
    private const int InboundPort = 15003;

    // Prometheus and the probes, which interception leaves open.
    private static readonly FrozenSet<int> OpenPorts = FrozenSet.ToFrozenSet([15010, 15901, 15902, 15903, 15904]);

    /// <summary>Where the pod's sidecar and entry are.</summary>
    public required IPAddress At { get; init; }

    /// <summary>Where its applications listen.</summary>
    public required IPAddress Application { get; init; }

    /// <summary>What the mesh calls the pod.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether it has a sidecar.</summary>
    public bool Meshed { get; init; }

    public FrozenSet<int> OutboundPortExclusions { get; init; } = [];

    public FrozenSet<int> InboundPortExclusions { get; init; } = [];

    public IReadOnlyList<IPNetwork> OutboundRangeExclusions { get; init; } = [];

    /// <summary>When there are any, only connections to these go through the sidecar.</summary>
    public IReadOnlyList<IPNetwork> OutboundRangeInclusions { get; init; } = [];

    /// <summary>What cluster DNS would answer in this pod.</summary>
    public FrozenDictionary<string, IPAddress[]> Names { get; init; } = FrozenDictionary<string, IPAddress[]>.Empty;

    /// <summary>All pods, this one too, by what the mesh calls them.</summary>
    public FrozenDictionary<IPAddress, LoopbackPod> Pods { get; init; } = FrozenDictionary<IPAddress, LoopbackPod>.Empty;

    /// <summary>Virtual addresses of services, and who answers there.</summary>
    public FrozenDictionary<IPEndPoint, IPEndPoint[]> Services { get; init; } = FrozenDictionary<IPEndPoint, IPEndPoint[]>.Empty;

    /// <summary>Which way a connection of the pod's own goes.</summary>
    public Passage Outward(IPEndPoint destination)
    {
        var address = destination.Address;
        if (IPAddress.IsLoopback(address) || Addresses.Contains(address))
        {
            return Passage.Application;
        }

        var isLeftOut = !Meshed || OutboundPortExclusions.Contains(destination.Port) || OutboundRangeExclusions.Any(range => range.Contains(address))
            || (OutboundRangeInclusions.Count > 0 && !OutboundRangeInclusions.Any(range => range.Contains(address)));
        return isLeftOut ? Passage.Around : Passage.Sidecar;
    }

    /// <summary>Which way a connection to one of the pod's ports goes.</summary>
    public Passage Inward(int port) => !Meshed || InboundPortExclusions.Contains(port) ? Passage.Application : Passage.Sidecar;

    /// <summary>The port of the sidecar that interception would redirect a connection to; 0 for the one it was opened to.</summary>
    public static int RedirectedTo(bool outward, int port) => outward ? OutboundPort : OpenPorts.Contains(port) ? 0 : InboundPort;

    /// <summary>The pod's address as the other side sees it.</summary>
    public IPAddress AddressFor(IPAddress destination)
        => Addresses.FirstOrDefault(address => address.AddressFamily == destination.AddressFamily) ?? (Addresses.Count > 0 ? Addresses[0] : At);
}

/// <summary>Where a pod is.</summary>
/// <param name="At">Its sidecar.</param>
/// <param name="Application">Its applications.</param>
/// <param name="Meshed">Whether it has a sidecar.</param>
internal sealed record LoopbackPod(IPAddress At, IPAddress Application, bool Meshed);

/// <summary>Which way a connection goes.</summary>
internal enum Passage
{
    /// <summary>Through the pod's sidecar.</summary>
    Sidecar,

    /// <summary>Out of the pod, without its sidecar.</summary>
    Around,

    /// <summary>To the pod's own application.</summary>
    Application,
}
