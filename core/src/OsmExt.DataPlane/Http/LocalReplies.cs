using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using OsmExt.Simulation;

namespace OsmExt.DataPlane.Http;

/// <summary>An answer of the proxy's own.</summary>
/// <param name="Status">The HTTP status, also for gRPC clients, who get what it corresponds to.</param>
/// <param name="Body">What Envoy says in it.</param>
/// <param name="Details">Why, as access logs say it.</param>
internal sealed record LocalReply(int Status, string Body, string Details)
{
    /// <summary>The short word access logs have for it; empty for none.</summary>
    public string Flag { get; init; } = "";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Whether it is HTTP's for everybody: what is no request at all is no gRPC either.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Whether the connection ends with it, since nobody knows where on it the next request begins.</summary>
    public bool Closes { get; init; }

    /// <summary>The gRPC status where the HTTP status does not say it.</summary>
    public int? GrpcStatus { get; init; }
}

/// <summary>Writes answers of the proxy's own.</summary>
internal static class LocalReplies
{
    public static async Task WriteAsync(Exchange exchange, LocalReply reply)
    {
        var response = exchange.Context.Response;
        if (reply.Flag.Length > 0)
        {
            exchange.Record.ResponseFlags.Add(reply.Flag);
        }

        exchange.Record.ResponseCodeDetails = reply.Details;
        if (response.HasStarted)
        {
            exchange.Context.Abort();
            return;
        }

        response.Clear();
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers.Append(name, value);
        }

        if (exchange.Request.IsGrpc && !reply.IsPlain)
        {
            response.StatusCode = 200;
            response.Headers.ContentType = "application/grpc";
            response.Headers["grpc-status"] = (reply.GrpcStatus ?? Reply.Of(reply.Status, "").To(exchange.Request).GrpcStatus ?? 2).ToString(CultureInfo.InvariantCulture);
            if (reply.Body.Length > 0)
            {
                response.Headers["grpc-message"] = Uri.EscapeDataString(reply.Body).Replace("%20", " ", StringComparison.Ordinal);
            }

            Answers.Finish(exchange);
            return;
        }

        response.StatusCode = reply.Status;
        if (reply.Closes && !exchange.Session.IsHttp2)
        {
            response.Headers.Connection = "close";
        }

        var body = Encoding.UTF8.GetBytes(reply.Body);
        if (body.Length > 0)
        {
            if (!response.Headers.ContainsKey("content-type"))
            {
                response.Headers.ContentType = "text/plain";
            }

            response.Headers.ContentLength = body.Length;
        }

        Answers.Finish(exchange);
        if (body.Length > 0 && !HttpMethods.IsHead(exchange.Context.Request.Method))
        {
            await response.Body.WriteAsync(body, exchange.Context.RequestAborted);
        }
    }
}
