using Transformation = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ServerHeaderTransformation;

namespace OsmExt.DataPlane.Http;

/// <summary>The last changes to an answer's headers, whoever gave it.</summary>
internal static class Answers
{
    public static void Finish(Exchange exchange)
    {
        var headers = exchange.Context.Response.Headers;
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

        var name = manager.ServerName.Length > 0 ? manager.ServerName : "envoy";
        if (manager.ServerHeaderTransformation == Transformation.Overwrite
            || (manager.ServerHeaderTransformation == Transformation.AppendIfAbsent && !headers.ContainsKey("server")))
        {
            headers.Server = name;
        }
    }
}
