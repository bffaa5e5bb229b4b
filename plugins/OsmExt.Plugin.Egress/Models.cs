using System.Globalization;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Egress;

/// <summary>What the template of a virtual host is rendered with.</summary>
internal static class HostModel
{
    public static ConfigValue Of(string name, string[] domains, object[] routes, object[] access, string refusal)
        => ConfigValue.From(new { name, domains, routes, access, refusal });
}

/// <summary>Conditions on requests, as routes and as permissions.</summary>
internal static class RouteModel
{
    /// <summary>One route for each method.</summary>
    public static IEnumerable<object> Of(HttpRouteMatch match, string cluster, Connections connections)
        => match.Methods.DefaultIfEmpty("").Select(method => new
        {
            path = match.PathRegex,
            headers = (method.Length == 0 ? [] : new[] { Exactly(":method", method) }).Concat(match.Headers.Select(header => Like(header.Key, header.Value))),
            cluster,
            timeout = Time.Of(connections.Values.RequestTimeout) ?? "0s",
        });

    /// <summary>Which requests may go to which addresses, by the object that says so.</summary>
    public static object[] Access(IEnumerable<HttpRule> rules) =>
    [
        .. rules.GroupBy(rule => rule.Origin).Select(rulesOf => new
        {
            name = $"{rulesOf.Key.Namespace}/{rulesOf.Key.Name}",
            permissions = rulesOf.SelectMany(rule => rule.Matches.Select(match => All([.. Conditions(match), .. Addresses(rule.Ranges)]))).ToArray(),
        }).Where(policy => policy.permissions.Length > 0),
    ];

    private static object All(object[] conditions) => conditions.Length switch
    {
        0 => new { any = true },
        1 => conditions[0],
        _ => new { andRules = new { rules = conditions } },
    };

    private static IEnumerable<object> Conditions(HttpRouteMatch match)
    {
        if (match.PathRegex != HttpRouteMatch.Any.PathRegex)
        {
            yield return new { urlPath = new { path = new { safeRegex = new { regex = match.PathRegex } } } };
        }

        if (!match.Methods.IsEmpty)
        {
            yield return new { orRules = new { rules = match.Methods.Select(method => new { header = Exactly(":method", method) }) } };
        }

        foreach (var header in match.Headers)
        {
            yield return new { header = Like(header.Key, header.Value) };
        }
    }

    private static IEnumerable<object> Addresses(AddressRange[]? ranges)
        => ranges is null ? [] : [new { orRules = new { rules = ranges.Select(range => new { destinationIp = range.ToEnvoy() }) } }];

    private static object Exactly(string name, string value) => new { name, stringMatch = new { exact = value } };

    private static object Like(string name, string pattern) => new { name, stringMatch = new { safeRegex = new { regex = pattern } } };
}

/// <summary>What the template of a cluster is rendered with.</summary>
internal static class ClusterModel
{
    // Envoy's own limits (1,024 of everything) would refuse what nobody asked to limit.
    public static ConfigValue Of(string name, string? host, int port, ConnectionSettings settings) => ConfigValue.From(new
    {
        name,
        host,
        port,
        statistics = host is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{host.Replace('.', '_')}_{port}"),
        connectTimeout = Time.Of(settings.ConnectTimeout),
        maxConnections = (long?)settings.MaxConnections ?? uint.MaxValue,
        maxPendingRequests = (long?)settings.MaxPendingRequests ?? uint.MaxValue,
        maxRequests = (long?)settings.MaxRequests ?? uint.MaxValue,
        maxRetries = (long?)settings.MaxRetries ?? uint.MaxValue,
        maxRequestsPerConnection = settings.MaxRequestsPerConnection,
        idleTimeout = Time.Of(settings.IdleTimeout),
    });
}

/// <summary>Times, as Envoy writes them.</summary>
internal static class Time
{
    public static string? Of(TimeSpan? time)
        => time is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.#########}s") : null;
}
