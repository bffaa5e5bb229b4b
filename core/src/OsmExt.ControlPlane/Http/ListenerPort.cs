using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OsmExt.ControlPlane.Http;

/// <summary>Which of the process's listeners a connection came in on.</summary>
internal enum ListenerPort
{
    /// <summary>Proxies, over mutual TLS.</summary>
    Xds,

    /// <summary>Health, version and metrics.</summary>
    Http,

    /// <summary>What proxies have.</summary>
    Debug,

    /// <summary>The API server's questions, and agents'.</summary>
    Webhooks,
}

/// <summary>
/// Keeps the endpoints of each listener to it. Comparing port numbers would not do: a number can be 0 until the socket is bound.
/// </summary>
internal static class ListenerPorts
{
    /// <summary>Marks every connection of a listener.</summary>
    public static void Mark(this ListenOptions listen, ListenerPort port)
        => listen.Use(next => connection =>
        {
            connection.Items[typeof(ListenerPort)] = port;
            return next(connection);
        });

    /// <summary>Answers 404 to requests that came in elsewhere.</summary>
    public static T RequirePort<T>(this T endpoints, ListenerPort port)
        where T : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint =>
        {
            var inner = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                if (context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(typeof(ListenerPort), out var marked) == true && Equals(marked, port))
                {
                    return inner(context);
                }

                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            };
        });
        return endpoints;
    }
}
