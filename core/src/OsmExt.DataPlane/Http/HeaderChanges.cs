using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.Simulation;
using OsmExt.Simulation.Http;
using Action = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;

namespace OsmExt.DataPlane.Http;

/// <summary>Headers that configuration adds and removes.</summary>
internal static class HeaderChanges
{
    /// <summary>What entry, route, virtual host and route configuration say about the request, the most specific first unless it shall win.</summary>
    public static void Request(PerFilterConfig place, IHeaderDictionary headers)
    {
        foreach (var level in Levels(place))
        {
            switch (level)
            {
                case WeightedCluster.Types.ClusterWeight entry:
                    Apply(headers, entry.RequestHeadersToRemove, entry.RequestHeadersToAdd);
                    break;
                case Route route:
                    Apply(headers, route.RequestHeadersToRemove, route.RequestHeadersToAdd);
                    break;
                case VirtualHost host:
                    Apply(headers, host.RequestHeadersToRemove, host.RequestHeadersToAdd);
                    break;
                case RouteConfiguration configuration:
                    Apply(headers, configuration.RequestHeadersToRemove, configuration.RequestHeadersToAdd);
                    break;
            }
        }
    }

    /// <summary>The same for the answer.</summary>
    public static void Response(PerFilterConfig place, IHeaderDictionary headers)
    {
        foreach (var level in Levels(place))
        {
            switch (level)
            {
                case WeightedCluster.Types.ClusterWeight entry:
                    Apply(headers, entry.ResponseHeadersToRemove, entry.ResponseHeadersToAdd);
                    break;
                case Route route:
                    Apply(headers, route.ResponseHeadersToRemove, route.ResponseHeadersToAdd);
                    break;
                case VirtualHost host:
                    Apply(headers, host.ResponseHeadersToRemove, host.ResponseHeadersToAdd);
                    break;
                case RouteConfiguration configuration:
                    Apply(headers, configuration.ResponseHeadersToRemove, configuration.ResponseHeadersToAdd);
                    break;
            }
        }
    }

    public static void Apply(IHeaderDictionary headers, IEnumerable<string> removed, IEnumerable<HeaderValueOption> added)
    {
        foreach (var name in removed)
        {
            headers.Remove(name);
        }

        foreach (var option in added)
        {
            Apply(headers, option);
        }
    }

    public static void Apply(IHeaderDictionary headers, HeaderValueOption option)
    {
        var (name, value) = (option.Header.Key, Value(option.Header));
        if (value.Length == 0 && !option.KeepEmptyValue)
        {
            return;
        }

        switch (ActionOf(option))
        {
            case Action.AddIfAbsent:
                if (!headers.ContainsKey(name))
                {
                    headers[name] = value;
                }

                break;
            case Action.OverwriteIfExistsOrAdd:
                headers[name] = value;
                break;
            case Action.OverwriteIfExists:
                if (headers.ContainsKey(name))
                {
                    headers[name] = value;
                }

                break;
            default:
                headers.Append(name, value);
                break;
        }
    }

#pragma warning disable CS0612 // Deprecated, but a configuration may still have it.
    private static Action ActionOf(HeaderValueOption option) => option.Append switch
    {
        true => Action.AppendIfExistsOrAdd,
        false => Action.OverwriteIfExistsOrAdd,
        null => option.AppendAction,
    };
#pragma warning restore CS0612

    private static string Value(HeaderValue header)
        => header.RawValue.Length > 0 ? ByteText.Of(header.RawValue.ToStringUtf8())
            : header.Value.Contains('%', StringComparison.Ordinal) ? ByteText.Of(header.Value.Replace("%%", "%", StringComparison.Ordinal))
            : ByteText.Of(header.Value);

    private static IEnumerable<object> Levels(PerFilterConfig place)
    {
        object?[] levels = [place.Entry, place.Route, place.Host, place.Configuration];
        return (place.Configuration?.MostSpecificHeaderMutationsWins == true ? levels.Reverse() : levels).OfType<object>();
    }
}
