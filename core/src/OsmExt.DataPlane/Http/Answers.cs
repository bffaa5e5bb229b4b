using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Transformation = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ServerHeaderTransformation;

namespace OsmExt.DataPlane.Http;

/// <summary>The last changes to an answer's headers, whoever gave it.</summary>
internal static class Answers
{
    public static void Finish(Exchange exchange)
    {
        var headers = exchange.Context.Response.Headers;
        if (exchange.AnsweredBy is { } route)
        {
            HeaderChanges.Response(route, headers);
        }

        foreach (var (append, remove) in exchange.ResponseChanges)
        {
            if (remove is not null)
            {
                headers.Remove(remove);
            }
            else if (append is not null)
            {
                HeaderChanges.Apply(headers, append);
            }
        }

        var manager = exchange.Manager;
        if (manager.AlwaysSetRequestIdInResponse && exchange.Request.Header("x-request-id") is { } id)
        {
            headers["x-request-id"] = id;
        }

        if (exchange.Session.Served.Residence.Closing.IsCancellationRequested || (!exchange.Session.IsHttp2
            && exchange.Context.Request.Headers["proxy-connection"].ToString().Equals("close", StringComparison.OrdinalIgnoreCase)))
        {
            Leave(exchange);
        }

        var name = manager.ServerName.Length > 0 ? manager.ServerName : "envoy";
        if (manager.ServerHeaderTransformation == Transformation.Overwrite
            || (manager.ServerHeaderTransformation == Transformation.AppendIfAbsent && !headers.ContainsKey("server")))
        {
            headers.Server = name;
        }
    }

    // With an answer, and not while nothing is under way: a client might just be sending a request that would then be lost.
    private static void Leave(Exchange exchange)
    {
        var response = exchange.Context.Response;
        if (exchange.Session.IsHttp2)
        {
            exchange.Context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        else if (response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }
    }
}
