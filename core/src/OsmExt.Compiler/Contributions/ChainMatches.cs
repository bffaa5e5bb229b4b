using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf.Collections;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Which connections the filter chains of one listener are for. Envoy refuses the whole listener when two chains share a single
/// combination of criteria, so each combination has one owner: the first chain that claims it.
/// </summary>
internal sealed class ChainMatches
{
    private const int MostCombinations = 20_000;
    private readonly Dictionary<string, string> _owners = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with the criteria themselves; null for nothing.</summary>
    public static string? Problem(FilterChainMatch match)
    {
        if (Ranges(match).FirstOrDefault(range => AddressRange.Of(range) is null) is { } range)
        {
            return $"\"{range.AddressPrefix}/{range.PrefixLen}\" is no range of addresses";
        }

        if (match.ServerNames.FirstOrDefault(name => name.LastIndexOf('*') > 0 || name is "*" || (name.StartsWith('*') && !name.StartsWith("*.", StringComparison.Ordinal))) is { } name)
        {
            return $"\"{name}\" is no server name; a star stands for whole labels at the beginning, as in *.example.com";
        }

        return Combinations(match).Take(MostCombinations + 1).Count() > MostCombinations ? $"It has more than {MostCombinations} combinations of criteria" : null;
    }

    /// <summary>Claims all combinations of a chain, or none of them and answers who has one.</summary>
    public string? Claim(FilterChain chain)
    {
        var wanted = Combinations(chain.FilterChainMatch ?? new()).ToArray();
        if (wanted.FirstOrDefault(_owners.ContainsKey) is { } taken)
        {
            return _owners[taken];
        }

        foreach (var combination in wanted)
        {
            _owners[combination] = chain.Name;
        }

        return null;
    }

    private static IEnumerable<CidrRange> Ranges(FilterChainMatch match) => match.PrefixRanges.Concat(match.SourcePrefixRanges).Concat(match.DirectSourcePrefixRanges);

    private static IEnumerable<string> Combinations(FilterChainMatch match)
        => new[]
        {
            Texts(match.PrefixRanges), Or(match.ServerNames), Or(match.ApplicationProtocols), Texts(match.DirectSourcePrefixRanges), Texts(match.SourcePrefixRanges),
            Or(match.SourcePorts.Select(port => port.ToString(CultureInfo.InvariantCulture))),
        }.Aggregate(Enumerable.Repeat($"{match.DestinationPort ?? 0}|{match.TransportProtocol}|{match.SourceType}", 1),
            (all, criterion) => all.SelectMany(beginning => criterion.Select(value => $"{beginning}|{value}")));

    private static string[] Texts(RepeatedField<CidrRange> ranges) => Or(ranges.Select(range => $"{AddressRange.Of(range)}"));

    private static string[] Or(IEnumerable<string> values) => values.Distinct(StringComparer.OrdinalIgnoreCase).DefaultIfEmpty("").ToArray();
}
