using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Writes JSON as responses.</summary>
internal static class JsonResponse
{
    public static Task WriteAsync(HttpContext context, int code, JsonNode value, string contentType = "application/json")
        => WriteAsync(context, code, JsonNodes.Bytes(value), contentType);

    public static async Task WriteAsync(HttpContext context, int code, ReadOnlyMemory<byte> bytes, string contentType)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        if (context.Request.Method != "HEAD")
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.About?["retryAfterSeconds"] is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString();
        }

        return WriteAsync(context, refusal.Code, refusal.ToStatus());
    }
}
