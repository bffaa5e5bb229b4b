using System.Runtime.CompilerServices;
using Envoy.Config.Route.V3;

namespace OsmExt.Simulation.Http;

/// <summary>
/// Finds the virtual host: the exact domain, else the longest suffix wildcard, else the longest prefix wildcard, else <c>*</c>.
/// Letter case does not matter; a wildcard stands for at least one character.
/// </summary>
internal sealed class VirtualHostChoice
{
    private static readonly ConditionalWeakTable<RouteConfiguration, VirtualHostChoice> Built = [];

    private readonly Dictionary<string, VirtualHost> _exact = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, Dictionary<string, VirtualHost>> _suffixes = new(LongestFirst);
    private readonly SortedDictionary<int, Dictionary<string, VirtualHost>> _prefixes = new(LongestFirst);
    private readonly bool _ignorePort;
    private VirtualHost? _any;

    private VirtualHostChoice(RouteConfiguration configuration)
    {
        _ignorePort = configuration.IgnorePortInHostMatching;
        foreach (var host in configuration.VirtualHosts)
        {
            foreach (var domain in host.Domains)
            {
                Add(ByteText.Lower(ByteText.Of(domain)), host);
            }
        }
    }

    private static Comparer<int> LongestFirst { get; } = Comparer<int>.Create((left, right) => right.CompareTo(left));

    public static VirtualHost? Find(RouteConfiguration configuration, string authority)
        => Built.GetValue(configuration, static found => new(found)).Find(authority);

    private VirtualHost? Find(string authority)
    {
        if (_ignorePort && HostNormalization.PortStart(authority) is >= 0 and var port)
        {
            authority = authority[..port];
        }

        var host = ByteText.Lower(authority);
        return _exact.GetValueOrDefault(host)
            ?? Longest(_suffixes, host, static (text, length) => text[^length..])
            ?? Longest(_prefixes, host, static (text, length) => text[..length])
            ?? _any;
    }

    private static VirtualHost? Longest(SortedDictionary<int, Dictionary<string, VirtualHost>> byLength, string host, Func<string, int, string> part)
    {
        foreach (var (length, hosts) in byLength)
        {
            if (length < host.Length && hosts.TryGetValue(part(host, length), out var found))
            {
                return found;
            }
        }

        return null;
    }

    private void Add(string domain, VirtualHost host)
    {
        if (domain == "*")
        {
            _any ??= host;
        }
        else if (domain.StartsWith('*'))
        {
            Group(_suffixes, domain.Length - 1).TryAdd(domain[1..], host);
        }
        else if (domain.EndsWith('*'))
        {
            Group(_prefixes, domain.Length - 1).TryAdd(domain[..^1], host);
        }
        else
        {
            _exact.TryAdd(domain, host);
        }
    }

    private static Dictionary<string, VirtualHost> Group(SortedDictionary<int, Dictionary<string, VirtualHost>> groups, int length)
    {
        if (!groups.TryGetValue(length, out var group))
        {
            groups[length] = group = new(StringComparer.Ordinal);
        }

        return group;
    }
}
