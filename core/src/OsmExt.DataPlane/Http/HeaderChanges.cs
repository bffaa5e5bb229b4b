using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf.Collections;
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
        => Apply(headers, Levels(place).Select(level => level switch
        {
            WeightedCluster.Types.ClusterWeight entry => (entry.RequestHeadersToRemove, entry.RequestHeadersToAdd),
            Route route => (route.RequestHeadersToRemove, route.RequestHeadersToAdd),
            VirtualHost host => (host.RequestHeadersToRemove, host.RequestHeadersToAdd),
            RouteConfiguration configuration => (configuration.RequestHeadersToRemove, configuration.RequestHeadersToAdd),
            _ => ([], []),
        }));

    /// <summary>The same for the answer.</summary>
    public static void Response(PerFilterConfig place, IHeaderDictionary headers)
        => Apply(headers, Levels(place).Select(level => level switch
        {
            WeightedCluster.Types.ClusterWeight entry => (entry.ResponseHeadersToRemove, entry.ResponseHeadersToAdd),
            Route route => (route.ResponseHeadersToRemove, route.ResponseHeadersToAdd),
            VirtualHost host => (host.ResponseHeadersToRemove, host.ResponseHeadersToAdd),
            RouteConfiguration configuration => (configuration.ResponseHeadersToRemove, configuration.ResponseHeadersToAdd),
            _ => ([], []),
        }));

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

    private static void Apply(IHeaderDictionary headers, IEnumerable<(RepeatedField<string> Removed, RepeatedField<HeaderValueOption> Added)> changes)
    {
        foreach (var (removed, added) in changes)
        {
            Apply(headers, removed, added);
        }
    }

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
