using System.Collections.Concurrent;
using System.Text;

namespace OsmExt.Demo.Collector;

/// <summary>Keeps what it is sent. Messages of gRPC are kept as they came: their texts can be found in them.</summary>
internal sealed class Inbox
{
    private const string Received = "/received";
    private readonly ConcurrentQueue<Entry> _entries = new();

    public async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Path == Received)
        {
            await response.WriteAsJsonAsync(_entries);
            return;
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        _entries.Enqueue(new(request.Path, Encoding.Latin1.GetString(body.ToArray())));
        if (request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            // An empty message: not compressed, no bytes.
            response.ContentType = "application/grpc";
            await response.Body.WriteAsync(new byte[5]);
            response.AppendTrailer("grpc-status", "0");
            return;
        }

        response.StatusCode = StatusCodes.Status202Accepted;
    }

    private sealed record Entry(string Path, string Text);
}
