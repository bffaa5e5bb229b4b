using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Simulation.Http;

/// <summary>
/// What the place a request is routed to says about a filter. The most specific counts, alone: the entry of the weighted list, the
/// route, the virtual host, the route configuration.
/// </summary>
internal sealed record PerFilterConfig(RouteConfiguration? Configuration, VirtualHost? Host, Route? Route, WeightedCluster.Types.ClusterWeight? Entry)
{
    /// <summary>The message for the filter, and where it stands; null when nothing is said.</summary>
    public (IMessage? Message, bool Disabled, string Where) For(string filter)
    {
        foreach (var (configs, where) in Levels())
        {
            if (configs is not null && configs.TryGetValue(filter, out var any))
            {
                var message = Packed.Open(any, $"{where}: {filter}");
                return message is FilterConfig wrapped
                    ? (wrapped.Config is null ? null : Packed.Open(wrapped.Config, $"{where}: {filter}"), wrapped.Disabled, where)
                    : (message, false, where);
            }
        }

        return (null, false, "");
    }

    private IEnumerable<(MapField<string, Any>? Configs, string Where)> Levels() =>
    [
        (Entry?.TypedPerFilterConfig, $"weighted cluster {Entry?.Name}"),
        (Route?.TypedPerFilterConfig, $"route {Route?.Name}".TrimEnd()),
        (Host?.TypedPerFilterConfig, $"virtual host {Host?.Name}"),
        (Configuration?.TypedPerFilterConfig, $"route configuration {Configuration?.Name}"),
    ];
}
