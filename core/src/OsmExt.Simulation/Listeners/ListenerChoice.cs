using System.Net;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace OsmExt.Simulation.Listeners;

/// <summary>
/// Which listener serves a connection that was redirected to a port. A listener that uses the original destination hands the
/// connection to the one of that very address and port, else to the one of any address and that port; with neither it keeps it.
/// </summary>
internal static class ListenerChoice
{
    /// <summary>The listener bound to the port, or null.</summary>
    public static Listener? Bound(ProxyConfiguration proxy, IPEndPoint at)
        => proxy.Listeners.FirstOrDefault(listener => IsBound(listener) && Addresses(listener).Any(address => Serves(address, at)));

    public static Listener HandOff(ProxyConfiguration proxy, Listener entry, IPEndPoint original)
    {
        if (entry.UseOriginalDst is not true || !RestoresDestination(entry))
        {
            return entry;
        }

        return proxy.Listeners.FirstOrDefault(listener => Addresses(listener).Any(address => address.Equals(original)))
            ?? proxy.Listeners.FirstOrDefault(listener => Addresses(listener).Any(address => IsWildcard(address) && Serves(address, original)))
            ?? entry;
    }

    public static bool RestoresDestination(Listener listener)
        => listener.ListenerFilters.Any(filter => filter.ConfigTypeCase == ListenerFilter.ConfigTypeOneofCase.TypedConfig
            && Packed.Open(filter.TypedConfig, filter.Name) is global::Envoy.Extensions.Filters.Listener.OriginalDst.V3.OriginalDst);

#pragma warning disable CS0612 // Deprecated, but a configuration may still have it.
    /// <summary>Whether the listener has a socket of its own.</summary>
    public static bool IsBound(Listener listener)
        => listener.BindToPort is not false && listener.DeprecatedV1?.BindToPort is not false;
#pragma warning restore CS0612

    public static IEnumerable<IPEndPoint> Addresses(Listener listener)
        => listener.AdditionalAddresses.Select(more => more.Address).Prepend(listener.Address)
            .Select(Read).OfType<IPEndPoint>();

    private static IPEndPoint? Read(Address? address)
        => address?.SocketAddress is { Protocol: SocketAddress.Types.Protocol.Tcp } socket && IPAddress.TryParse(socket.Address, out var parsed)
            ? new(parsed, (int)socket.PortValue)
            : null;

    public static bool IsWildcard(IPEndPoint address) => address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any);

    // An IPv6 wildcard takes IPv4 connections only with ipv4_compat, which nobody here sets.
    private static bool Serves(IPEndPoint address, IPEndPoint at)
        => address.Port == at.Port && (address.Address.Equals(at.Address) || address.Address.Equals(
            at.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any));
}
