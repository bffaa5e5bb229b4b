using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

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
        var listeners = new[] { Direction.Inbound, Direction.Outbound }.SelectMany(direction => contributions.ForProxy(ContributionPoint.Listener, direction))
            .DistinctBy(item => ContributedResources.NameOf(item.Message)).ToArray();
        if (listeners.Length == 0)
        {
            return contributions;
        }

        var claims = Own(contributions, scope, reachable);
        var losers = new List<(PlacedContribution Item, Claim Claim, string Owner)>();
        foreach (var item in listeners)
        {
            var wanted = Addresses((Listener)item.Message).Select(address => new Claim(address, true, $"plugin {item.Plugin} ({item.Origin?.ToString() ?? item.Slot.Name})")).ToArray();
            if (wanted.SelectMany(want => claims.Where(want.Meets).Select(claim => (want, claim.Owner))).FirstOrDefault() is { Owner: { } owner } clash)
            {
                losers.Add((item, clash.want, owner));
                continue;
            }

            claims.AddRange(wanted);
        }

        return losers.Count == 0 ? contributions : Without(contributions, scope, losers);
    }

    private static ScopeContributions Without(ScopeContributions contributions, ProxyScope scope, List<(PlacedContribution Item, Claim Claim, string Owner)> losers)
    {
        var findings = contributions.Findings.Concat(losers.Select(loser => Finding(loser.Item, loser.Claim, loser.Owner, scope, contributions.IsClosed(loser.Item.Plugin)))).ToList();
        var held = contributions.Held;
        if (held is null && losers.Find(loser => contributions.IsClosed(loser.Item.Plugin)) is { Item: { } closed } lost)
        {
            held = $"the address of plugin {closed.Plugin}'s listener {ContributedResources.NameOf(closed.Message)} is {lost.Owner}'s";
            findings.Add(ScopeContributions.HeldFinding(scope, held));
        }

        var gone = losers.Select(loser => loser.Item).ToHashSet();
        return contributions with
        {
            All = [.. contributions.All.Where(item => !gone.Contains(item))],
            Findings = new SortedSet<Diagnostic>(findings).ToEquatableArray(),
            Held = held,
        };
    }

    private static Diagnostic Finding(PlacedContribution item, Claim claim, string owner, ProxyScope scope, bool closed) => new(
        DiagnosticCodes.ContributionConflict, closed ? Severity.Error : Severity.Warning, item.Origin ?? PlacedContribution.PluginKey(item.Plugin), "address",
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

    /// <param name="Address">Where.</param>
    /// <param name="Binds">Whether a port is bound there, rather than connections handed over.</param>
    /// <param name="Owner">Who has it.</param>
    private sealed record Claim(Address Address, bool Binds, string Owner)
    {
        public bool Meets(Claim other)
        {
            if (Address.Equals(other.Address))
            {
                return true;
            }

            return Binds && other.Binds && (Address.SocketAddress, other.Address.SocketAddress) is ({ } one, { } another)
                && one.PortValue == another.PortValue && one.Protocol == another.Protocol && (IsAny(one) || IsAny(another));
        }

        public override string ToString() => Address.SocketAddress is { } socket ? $"the address {socket.Address}, port {socket.PortValue}," : $"the address {Address}";

        private static bool IsAny(SocketAddress address) => address.Address is "0.0.0.0" or "::";
    }
}
