using System.Net;
using Envoy.Config.Listener.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Filter chains that plugins bring for connections that leave the pod for a port. Envoy looks at addresses first and never goes back,
/// so a chain for a range would take the connections to every service of the mesh in it, and a chain for some server names in a range
/// all plain text there. Whatever a plugin's chain does not ask for therefore gets a chain of the mesh's own beside it.
/// </summary>
internal static class OutboundChains
{
    private static readonly AddressRange[] Everywhere = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];

    /// <summary>The ports that plugins have chains for, sorted.</summary>
    public static IEnumerable<int> Ports(ScopeContributions contributions) => On(contributions).Select(item => item.Target.Port!.Value).Distinct().Order();

    /// <summary>What plugins bring for a port, and what the mesh has to keep.</summary>
    public static ContributedChains Of(ScopeView view, int port)
    {
        AddressRange[] guarded = [.. view.Guard.Addresses.Where(address => address.Port == port).Select(address => address.Range).Distinct()];
        var (chains, findings, matches) = (new List<FilterChain>(), new List<Diagnostic>(), new ChainMatches());
        foreach (var item in On(view.Contributions).Where(item => item.Target.Port == port).DistinctBy(item => Chain(item).Name))
        {
            var chain = (FilterChain)ContributedResources.Marked(item, view);
            var kept = chain.FilterChainMatch.PrefixRanges.Where(range => !guarded.Contains(AddressRange.Of(range)!.Value)).ToArray();
            if (kept.Length < chain.FilterChainMatch.PrefixRanges.Count)
            {
                Report(item, $"{string.Join(", ", chain.FilterChainMatch.PrefixRanges.Except(kept).Select(range => AddressRange.Of(range)))} on port {port} belongs to a service of the mesh, so {chain.Name} does not get it",
                    "Let a TrafficTarget open the service, or use other addresses");
                chain.FilterChainMatch.PrefixRanges.Clear();
                chain.FilterChainMatch.PrefixRanges.AddRange(kept);
                if (kept.Length == 0)
                {
                    continue;
                }
            }

            if (matches.Claim(chain) is { } owner)
            {
                Report(item, $"connections that {chain.Name} is for on port {port} are {owner}'s, so it is left out", "Remove one of them, or let them differ in addresses or server names");
                continue;
            }

            chains.Add(chain);
        }

        return new(chains, guarded, [.. guarded.Concat(Left(chains)).Distinct()], findings.ToEquatableArray());

        void Report(PlacedContribution item, string message, string advice) => findings.Add(new(DiagnosticCodes.ContributionConflict, Severity.Warning,
            item.Subject, "", $"For {view.Scope.Identity} {message}", advice));
    }

    // Of a range that a chain takes only some connections to, the others go where they went without it: to a chain for more than that
    // range, if one takes all connections to it, or nobody has them yet.
    private static List<AddressRange> Left(List<FilterChain> chains)
    {
        var whole = chains.Where(IsWhole).SelectMany(chain => Ranges(chain).Select(range => (Range: range, Chain: chain))).ToArray();
        var left = new List<AddressRange>();
        foreach (var range in chains.Where(chain => !IsWhole(chain) && chain.FilterChainMatch.PrefixRanges.Count > 0).SelectMany(Ranges).Distinct().ToArray())
        {
            switch (whole.Where(entry => entry.Range.Contains(range)).OrderByDescending(entry => entry.Range.Length).ToArray())
            {
                case []:
                    left.Add(range);
                    break;
                case [var owner, ..] when owner.Range != range:
                    owner.Chain.FilterChainMatch.PrefixRanges.Add(range.ToEnvoy());
                    break;
            }
        }

        return left;
    }

    internal static IEnumerable<PlacedContribution> On(ScopeContributions contributions)
        => contributions.All.Where(item => item.Slot is { Point: ContributionPoint.FilterChain, Direction: Direction.Outbound } && item.Target is { Port: not null, Service: null });

    internal static FilterChain Chain(PlacedContribution item) => (FilterChain)item.Message;

    internal static IEnumerable<AddressRange> Ranges(FilterChain chain)
        => chain.FilterChainMatch.PrefixRanges.Count == 0 ? Everywhere : chain.FilterChainMatch.PrefixRanges.Select(range => AddressRange.Of(range)!.Value);

    // Nothing of its ranges is left for anybody else.
    private static bool IsWhole(FilterChain chain) => chain.FilterChainMatch is { ServerNames.Count: 0, TransportProtocol: "", ApplicationProtocols.Count: 0 };
}

/// <summary>What plugins bring for one port.</summary>
/// <param name="Chains">Their chains.</param>
/// <param name="Guarded">Addresses of the mesh's own services.</param>
/// <param name="Left">These, and ranges of which a plugin's chain takes only part: what else goes there is the port's HTTP.</param>
/// <param name="Findings">What was left out.</param>
internal sealed record ContributedChains(
    IReadOnlyList<FilterChain> Chains, IReadOnlyList<AddressRange> Guarded, IReadOnlyList<AddressRange> Left, EquatableArray<Diagnostic> Findings)
{
    /// <summary>Whether what TLS says first has to be looked at.</summary>
    public bool NeedTls => Chains.Any(chain => chain.FilterChainMatch is { ServerNames.Count: > 0 } or { TransportProtocol.Length: > 0 } or { ApplicationProtocols.Count: > 0 });

    /// <summary>Whether plain text has to be looked at.</summary>
    public bool NeedHttp => Chains.Any(chain => chain.FilterChainMatch.ApplicationProtocols.Any(protocol => protocol is "http/1.0" or "http/1.1" or "h2c"));
}
