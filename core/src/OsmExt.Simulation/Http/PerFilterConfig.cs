using Envoy.Config.Route.V3;
using Google.Protobuf;
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
        if (Entry is not null && Entry.TypedPerFilterConfig.TryGetValue(filter, out var any))
        {
            return Open(any, $"weighted cluster {Entry.Name}", filter);
        }

        if (Route is not null && Route.TypedPerFilterConfig.TryGetValue(filter, out any))
        {
            return Open(any, $"route {Route.Name}".TrimEnd(), filter);
        }

        if (Host is not null && Host.TypedPerFilterConfig.TryGetValue(filter, out any))
        {
            return Open(any, $"virtual host {Host.Name}", filter);
        }

        return Configuration is not null && Configuration.TypedPerFilterConfig.TryGetValue(filter, out any)
            ? Open(any, $"route configuration {Configuration.Name}", filter)
            : (null, false, "");
    }

    /// <summary>What every level says about a filter that heeds them all, the most specific first.</summary>
    public IEnumerable<IMessage> All(string filter)
    {
        foreach (var configs in new[] { Entry?.TypedPerFilterConfig, Route?.TypedPerFilterConfig, Host?.TypedPerFilterConfig, Configuration?.TypedPerFilterConfig })
        {
            if (configs is not null && configs.TryGetValue(filter, out var any) && Open(any, "", filter).Message is { } message)
            {
                yield return message;
            }
        }
    }

    private static (IMessage? Message, bool Disabled, string Where) Open(Any any, string where, string filter)
    {
        var message = Packed.Open(any, $"{where}: {filter}");
        return message is FilterConfig wrapped
            ? (wrapped.Config is null ? null : Packed.Open(wrapped.Config, $"{where}: {filter}"), wrapped.Disabled, where)
            : (message, false, where);
    }
}
