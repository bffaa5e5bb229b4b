using System.Net;
using Envoy.Config.Listener.V3;
using Google.Protobuf.Collections;
using OsmExt.Simulation.Matching;

namespace OsmExt.Simulation.Listeners;

/// <summary>
/// Chooses a filter chain as Envoy does: criterion by criterion in a fixed order, each time keeping the chains with the most
/// specific value that fits, without ever going back. So a chain can lose at the first criterion and never be looked at again.
/// </summary>
internal static class FilterChainChoice
{
    /// <summary>The chain, or null when the connection is closed for want of one.</summary>
    public static FilterChain? Choose(Listener listener, ConnectionFacts facts)
        => Narrow([.. listener.FilterChains.Select(chain => Understood.Check(chain, NameOf(listener, chain)))], facts) ?? listener.DefaultFilterChain;

    public static string NameOf(Listener listener, FilterChain chain)
        => chain.Name.Length > 0 ? chain.Name
            : ReferenceEquals(chain, listener.DefaultFilterChain) ? $"{listener.Name}/default"
            : $"{listener.Name}#{listener.FilterChains.IndexOf(chain) + 1}";

    private static FilterChain? Narrow(List<FilterChain> chains, ConnectionFacts facts)
    {
        var source = facts.Connection.Source;
        chains = Keep(chains, match => match.DestinationPort is not { } port || port == 0 ? 0 : port == facts.Local.Port ? 1 : null);
        chains = Keep(chains, match => CidrMatch.Longest(match.PrefixRanges, facts.Local.Address));
        chains = Keep(chains, match => ServerName(match.ServerNames, facts.ServerName));
        chains = Keep(chains, match => match.TransportProtocol.Length == 0
            ? 0 : string.Equals(match.TransportProtocol, facts.TransportProtocol, StringComparison.Ordinal) ? 1 : null);
        chains = Keep(chains, match => ApplicationProtocol(match.ApplicationProtocols, facts.ApplicationProtocols));
        chains = Keep(chains, match => CidrMatch.Longest(match.DirectSourcePrefixRanges, source.Address));
        chains = Keep(chains, match => SourceType(match.SourceType, source.Address, facts.Local.Address));
        chains = Keep(chains, match => CidrMatch.Longest(match.SourcePrefixRanges, source.Address));
        chains = Keep(chains, match => match.SourcePorts.Count == 0 ? 0 : match.SourcePorts.Contains((uint)source.Port) ? 1 : null);
        return chains.Count == 0 ? null : chains[0];
    }

    private static List<FilterChain> Keep(List<FilterChain> chains, Func<FilterChainMatch, int?> rank)
    {
        if (chains.Count == 0)
        {
            return chains;
        }

        var ranked = chains.Select(chain => (chain, rank: rank(Understood.Check(chain.FilterChainMatch
            ?? Any, chain.Name)))).Where(pair => pair.rank is not null).ToList();
        var best = ranked.Count == 0 ? 0 : ranked.Max(pair => pair.rank);
        return [.. ranked.Where(pair => pair.rank == best).Select(pair => pair.chain)];
    }

    private static readonly FilterChainMatch Any = new();

    private static int? ServerName(RepeatedField<string> names, string asked)
    {
        if (names.Count == 0)
        {
            return 0;
        }

        int? best = null;
        foreach (var name in names.Select(name => ByteText.Lower(ByteText.Of(name))))
        {
            var wildcard = name.StartsWith("*.", StringComparison.Ordinal);
            if (wildcard ? asked.Length > name.Length - 1 && asked.EndsWith(name[1..], StringComparison.Ordinal)
                : string.Equals(name, asked, StringComparison.Ordinal))
            {
                best = Math.Max(best ?? 0, wildcard ? name.Length : int.MaxValue);
            }
        }

        return best;
    }

    // The client's order counts, not the chain's.
    private static int? ApplicationProtocol(RepeatedField<string> taken, IReadOnlyList<string> offered)
    {
        if (taken.Count == 0)
        {
            return 0;
        }

        for (var index = 0; index < offered.Count; index++)
        {
            if (taken.Contains(offered[index], StringComparer.Ordinal))
            {
                return int.MaxValue - index;
            }
        }

        return null;
    }

    private static int? SourceType(FilterChainMatch.Types.ConnectionSourceType type, IPAddress source, IPAddress local)
    {
        var near = IPAddress.IsLoopback(source) || source.Equals(local);
        return type switch
        {
            FilterChainMatch.Types.ConnectionSourceType.Any => 0,
            FilterChainMatch.Types.ConnectionSourceType.SameIpOrLoopback => near ? 1 : null,
            _ => near ? null : 1,
        };
    }
}
