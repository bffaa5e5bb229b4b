using System.Globalization;
using System.Text.Json;

namespace OsmExt.Demo.Echo;

/// <summary>
/// Answers with a JSON object of what arrived: pod, method, path, protocol and headers. gRPC calls get their own message back, and trailers.
/// </summary>
internal static class HttpEcho
{
    public static string Pod { get; } = Settings.Variable("HOSTNAME", "unknown");

    public static Task AnswerAsync(HttpContext context) => context.Request switch
    {
        { ContentType: { } type } when type.StartsWith("application/grpc", StringComparison.Ordinal) => GrpcAsync(context),
        _ => TellAsync(context),
    };

    // Callers may ask for another status than 200, and for time to pass first.
    private static async Task TellAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (Number(request, "x-echo-wait-ms") is { } milliseconds)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, context.RequestAborted);
        }

        response.StatusCode = Number(request, "x-echo-status") ?? StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.Headers["x-pod"] = Pod;
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new
        {
            pod = Pod,
            method = request.Method,
            path = $"{request.Path}{request.QueryString}",
            protocol = request.Protocol,
            headers = request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
        }));
    }

    private static int? Number(HttpRequest request, string header)
        => int.TryParse(request.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static async Task GrpcAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["x-pod"] = Pod;
        await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
        context.Response.AppendTrailer("x-peer", context.Request.Headers["x-forwarded-client-cert"].ToString());
    }
}
