using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using IPAddress = System.Net.IPAddress;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Listeners that plugins bring need addresses that nobody else has. Envoy refuses one at the very address of another; and where one is for
/// every address of a port and the other for one of them, the latter would take the former's connections. The first that claims an address has it,
/// and the mesh is before all plugins.
/// </summary>
internal static class ContributedListeners
{
    private const string Mesh = "the mesh";
    private static readonly int[] Bound = [Ports.Admin, Ports.Outbound, Ports.Inbound, Ports.Prometheus];

    /// <summary>What is left of contributions when every listener has an address of its own.</summary>
    /// <param name="contributions">A scope's.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="reachable">The services it may call, at whose addresses and ports the mesh has listeners.</param>
    public static ScopeContributions Settled(ScopeContributions contributions, ProxyScope scope, ServiceSet reachable)
    {
        if (!contributions.All.Any(item => item.Slot.Point == ContributionPoint.Listener))
        {
            return contributions;
        }

        // Whoever leaves makes room for the next of its slot, or of its name, and that one needs an address as well.
        var own = Own(contributions, scope, reachable);
        while (FirstLoser(contributions, own) is { } loser)
        {
            contributions = Without(contributions, scope, loser);
        }

        return contributions;
    }

    private static Loser? FirstLoser(ScopeContributions contributions, IEnumerable<Claim> own)
    {
        var claims = own.ToList();
        foreach (var item in contributions.ForProxy(ContributionPoint.Listener).DistinctBy(item => ContributedResources.NameOf(item.Message)))
        {
            var wanted = Addresses((Listener)item.Message).Select(address => new Claim(address, true, $"plugin {item.Plugin} ({item.Origin?.ToString() ?? item.Slot.Name})")).ToArray();
            if (wanted.SelectMany(want => claims.Where(want.Meets).Select(claim => new Loser(item, want, claim.Owner))).FirstOrDefault() is { } loser)
            {
                return loser;
            }

            claims.AddRange(wanted);
        }

        return null;
    }

    private static ScopeContributions Without(ScopeContributions contributions, ProxyScope scope, Loser loser)
    {
        var (item, closed) = (loser.Item, contributions.IsClosed(loser.Item.Plugin));
        var findings = new SortedSet<Diagnostic>(contributions.Findings) { Finding(item, loser.Claim, loser.Owner, scope, closed) };
        var held = contributions.Held;
        if (held is null && closed)
        {
            held = $"the address of plugin {item.Plugin}'s listener {ContributedResources.NameOf(item.Message)} is {loser.Owner}'s";
            findings.Add(ScopeContributions.HeldFinding(scope, held));
        }

        return contributions with
        {
            All = [.. contributions.All.Where(other => !other.Equals(item))],
            Findings = findings.ToEquatableArray(),
            Held = held,
        };
    }

    private static Diagnostic Finding(PlacedContribution item, Claim claim, string owner, ProxyScope scope, bool closed) => new(
        DiagnosticCodes.ContributionConflict, closed ? Severity.Error : Severity.Warning, item.Subject, "address",
        $"For {scope.Identity} {claim} of {ContributedResources.NameOf(item.Message)} is {owner}'s{(closed ? "" : ", so it is left out")}", "Let it listen on a port that nobody else has");

    private static List<Claim> Own(ScopeContributions contributions, ProxyScope scope, ServiceSet reachable)
    {
        var anyAddress = reachable.HttpByPort.Keys.Concat(ContributedHosts.Ports(contributions)).Concat(OutboundChains.Ports(contributions)).Distinct();
        return
        [
            .. Bound.Select(port => new Claim(Protos.Address("0.0.0.0", port), true, Mesh)),
            .. anyAddress.SelectMany(port => Addresses(OutboundListeners.AnyAddress(scope, "", port))).Select(address => new Claim(address, false, Mesh)),
            .. reachable.Tcp.SelectMany(service => service.Addresses.Select(address => new Claim(Protos.Address(address, service.Port), false, Mesh))),
        ];
    }

    private static IEnumerable<Address> Addresses(Listener listener)
        => listener.AdditionalAddresses.Select(additional => additional.Address).Prepend(listener.Address).OfType<Address>();

    /// <param name="Item">Who gets no address.</param>
    /// <param name="Claim">The address.</param>
    /// <param name="Owner">Who has it.</param>
    private sealed record Loser(PlacedContribution Item, Claim Claim, string Owner);

    /// <param name="Address">Where.</param>
    /// <param name="Binds">Whether a port is bound there, rather than connections handed over.</param>
    /// <param name="Owner">Who has it.</param>
    private sealed record Claim(Address Address, bool Binds, string Owner)
    {
        private IPAddress? Ip { get; } = IpOf(Address.SocketAddress);

        private bool IsAny => Ip is not null && (Ip.Equals(IPAddress.Any) || Ip.Equals(IPAddress.IPv6Any));

        public bool Meets(Claim other)
        {
            if (Address.Equals(other.Address))
            {
                return true;
            }

            return (Address.SocketAddress, other.Address.SocketAddress) is ({ } one, { } another) && one.PortValue == another.PortValue && one.Protocol == another.Protocol
                && (Ip?.Equals(other.Ip) == true || (Binds && other.Binds && (IsAny || other.IsAny)));
        }

        public override string ToString() => Address.SocketAddress is { } socket ? $"the address {socket.Address}, port {socket.PortValue}," : $"the address {Address}";

        // An address is the same however it is spelt, and whatever else its socket is told.
        private static IPAddress? IpOf(SocketAddress? socket)
            => !IPAddress.TryParse(socket?.Address, out var ip) ? null : ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
    }
}
