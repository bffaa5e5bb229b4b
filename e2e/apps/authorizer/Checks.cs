using System.Buffers.Binary;
using Google.Protobuf;
using Envoy.Service.Auth.V3;

namespace OsmExt.Demo.Authorizer;

/// <summary>
/// Answers calls of <c>Check</c>. It reads and writes gRPC's frames itself, so that it can also answer what is no answer at all.
/// </summary>
internal static class Checks
{
    private const int FrameHead = 5;
    private static readonly byte[] Garbage = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    public static async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = CheckRequest.Parser.ParseFrom(body.ToArray().AsSpan(FrameHead));
        var asked = request.Attributes.Request.Http.Headers.TryGetValue("x-judge", out var wish) ? wish : "deny";
        new RequestLine("authorizer", "server", request.Attributes.Request.Http.Method, request.Attributes.Request.Http.Path, 200) { Identity = asked }.Print();
        if (asked == "slow")
        {
            // Longer than anybody waits; whoever asked hangs up.
            await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, context.RequestAborted);
        }

        context.Response.ContentType = "application/grpc";
        await WriteAsync(context.Response, asked == "garbage" ? Garbage : Verdict.Of(asked, request).ToByteArray());
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static async Task WriteAsync(HttpResponse response, byte[] message)
    {
        var head = new byte[FrameHead];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), message.Length);
        await response.Body.WriteAsync(head);
        await response.Body.WriteAsync(message);
    }
}
