using System.Globalization;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Upstream;
using Yarp.ReverseProxy.Forwarder;

namespace OsmExt.DataPlane.Http;

/// <summary>One attempt: the request as the endpoint gets it, and its answer as the client gets it, unless it is tried again.</summary>
/// <param name="exchange">The request.</param>
/// <param name="kept">The connections to the endpoint.</param>
/// <param name="rules">After which answers it is tried again; null for after none.</param>
/// <param name="time">The time.</param>
internal sealed class Passing(Exchange exchange, KeptConnections kept, RetryRules? rules, TimeProvider time) : HttpTransformer
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly long _began = time.GetTimestamp();

    /// <summary>The answer is not passed on; the request is to be sent again.</summary>
    public bool Again { get; private set; }

    public int Status { get; private set; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        if (exchange.Way?.Host is { IncludeRequestAttemptCount: true })
        {
            httpContext.Request.Headers["x-envoy-attempt-count"] = exchange.Record.UpstreamAttempts.ToString(CultureInfo.InvariantCulture);
        }

        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        RepeatedHeaders.Join(httpContext.Request.Headers, proxyRequest);
        proxyRequest.Headers.Host = exchange.Request.Authority;
        proxyRequest.RequestUri = new(kept.Prefix.AsSpan(0, kept.Prefix.Length - 1).ToString() + exchange.Request.Path, AsItIs);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }

        Status = (int)proxyResponse.StatusCode;
        if (rules?.After(proxyResponse) == true)
        {
            Again = true;
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var (headers, record) = (httpContext.Response.Headers, exchange.Record);
        record.UpstreamServiceTime = time.GetElapsedTime(_began);
        record.ResponseDuration = time.GetUtcNow() - record.Began;
        record.ResponseCodeDetails = "via_upstream";
        headers["x-envoy-upstream-service-time"] = record.UpstreamServiceTime.Value.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        if (exchange.Way?.Host is { IncludeAttemptCountInResponse: true })
        {
            headers["x-envoy-attempt-count"] = record.UpstreamAttempts.ToString(CultureInfo.InvariantCulture);
        }

        HeaderChanges.Response(exchange.Way!.Place, headers);
        Answers.Finish(exchange);
        if (Status != StatusCodes.Status101SwitchingProtocols)
        {
            proxyResponse.Content = new PromptContent(proxyResponse.Content, httpContext.Response);
        }

        return true;
    }
}
