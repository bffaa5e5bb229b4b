using System.Globalization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.Egress;

/// <summary>
/// The connections that may leave on one port as they are. Envoy looks at the address first and never goes back, so what holds for a range
/// is repeated for every smaller range in it that something else holds for.
/// </summary>
internal sealed class PortConnections(int port, TlsRule[] tls, TcpRule[] tcp)
{
    /// <summary>The filter chains, and the rules each is made from.</summary>
    /// <param name="cluster">The cluster of a rule.</param>
    public IEnumerable<(Rule[] From, ConfigValue Model)> Chains(Func<Rule, string> cluster) => [.. Tcp(cluster), .. Tls(cluster)];

    private IEnumerable<(Rule[] From, ConfigValue Model)> Tcp(Func<Rule, string> cluster)
    {
        var claimed = new HashSet<AddressRange>();
        foreach (var rule in tcp)
        {
            AddressRange[] ranges = [.. rule.RangesOrAll.Where(claimed.Add)];
            if (ranges.Length > 0)
            {
                yield return ([rule], Model(rule, "tcp", 1, ranges, [], cluster(rule)));
            }
        }
    }

    private IEnumerable<(Rule[] From, ConfigValue Model)> Tls(Func<Rule, string> cluster)
    {
        // Where anything may leave, TLS may too.
        AddressRange[] ranges = [.. tls.SelectMany(rule => rule.RangesOrAll).Distinct().Where(range => !tcp.Any(rule => rule.RangesOrAll.Any(wider => wider.Contains(range))))];
        var claims = ranges.SelectMany(range => tls.Where(rule => rule.RangesOrAll.Any(wider => wider.Contains(range))).DistinctBy(rule => rule.ServerName)
            .Select(rule => (Range: range, Rule: rule))).ToArray();
        foreach (var origin in claims.GroupBy(claim => (claim.Rule.Origin, claim.Rule.Connections)))
        {
            var chains = origin.GroupBy(claim => claim.Rule.ServerName, StringComparer.Ordinal)
                .GroupBy(name => string.Join(' ', name.Select(claim => claim.Range)), StringComparer.Ordinal).OrderBy(chain => chain.Key, StringComparer.Ordinal);
            foreach (var (chain, index) in chains.Select((chain, index) => (chain, index + 1)))
            {
                var rule = chain.First().First().Rule;
                yield return ([rule], Model(rule, "https", index, [.. chain.First().Select(claim => claim.Range)], [.. chain.Select(name => name.Key).Order(StringComparer.Ordinal)], cluster(rule)));
            }
        }
    }

    private ConfigValue Model(Rule rule, string protocol, int index, AddressRange[] ranges, string[] serverNames, string cluster) => ConfigValue.From(new
    {
        name = string.Create(CultureInfo.InvariantCulture, $"egress|{protocol}|{port}|{rule.Origin.Namespace}/{rule.Origin.Name}{(index > 1 ? $"|{index}" : "")}"),
        ranges = ranges.OrderBy(range => $"{range}", StringComparer.Ordinal).Select(range => range.ToEnvoy()),
        serverNames,
        cluster,
        statistics = string.Create(CultureInfo.InvariantCulture, $"egress-tcp-proxy.{port}"),
        idleTimeout = Time.Of(rule.Connections.Values.IdleTimeout),
    });
}
