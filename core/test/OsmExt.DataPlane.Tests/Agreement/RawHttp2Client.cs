using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OsmExt.Simulation.Tests.Agreement;
using OsmExt.Tests.Shared;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Sends requests as HTTP/2 frames with the headers as they are, one for each connection.</summary>
internal static class RawHttp2Client
{
    private const byte Body = 0, Headers = 1, Reset = 3, Settings = 4, GoAway = 7;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<RawAnswer> SendAsync(int port, RawRequest request)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        var answer = await SendAsync(client.GetStream(),
            [(":method", request.Method), (":scheme", "http"), (":authority", request.Host), (":path", request.Target), .. request.Headers]);
        return answer is null ? new(0, "") : new(answer.Status, answer.Header("x-route"), answer.Header("grpc-status"));
    }

    /// <summary>Null where there is no answer: the stream was reset or the connection closed.</summary>
    public static async Task<Http2Answer?> SendAsync(Stream stream, IReadOnlyList<(string Name, string Value)> headers, byte[]? body = null)
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await stream.WriteAsync(Request(headers, body), timeout.Token);
            return await ReadAsync(stream, timeout.Token);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static byte[] Request(IReadOnlyList<(string Name, string Value)> headers, byte[]? body)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0);
            Write(block, name);
            Write(block, value);
        }

        var bytes = new MemoryStream();
        bytes.Write(Http2Frames.Preface);
        // A table of nothing: answers name their headers in full.
        bytes.Write(Http2Frames.Frame(Settings, 0, 0, 0, 1, 0, 0, 0, 0));
        bytes.Write(Http2Frames.Frame(Headers, body is null ? 5 : 4, 1, block.ToArray()));
        if (body is not null)
        {
            bytes.Write(Http2Frames.Frame(Body, 1, 1, body));
        }

        return bytes.ToArray();
    }

    private static async Task<Http2Answer?> ReadAsync(Stream stream, CancellationToken stop)
    {
        List<(string Name, string Value)>? headers = null;
        var (body, frame) = (new MemoryStream(), new byte[9]);
        while (await stream.ReadAtLeastAsync(frame, 9, throwOnEndOfStream: false, stop) == 9)
        {
            var payload = new byte[(frame[0] << 16) | (frame[1] << 8) | frame[2]];
            await stream.ReadExactlyAsync(payload, stop);
            switch (frame[3])
            {
                case Settings when (frame[4] & 1) == 0:
                    await stream.WriteAsync(Http2Frames.Frame(Settings, 1, 0), stop);
                    break;
                case Headers:
                    headers ??= HeaderBlock.Read(payload);
                    break;
                case Body:
                    body.Write(payload);
                    break;
                case Reset when headers is null:
                    return null;
                case GoAway when headers is null && BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4)) != 0:
                    return null;
            }

            if (headers is not null && ((frame[3] is Body or Headers && (frame[4] & 1) == 1) || frame[3] == Reset))
            {
                return new(headers, Encoding.Latin1.GetString(body.ToArray()));
            }
        }

        return headers is null ? null : new(headers, Encoding.Latin1.GetString(body.ToArray()));
    }

    private static void Write(MemoryStream to, string text)
    {
        to.Write(Http2Frames.Length(text.Length));
        to.Write(Encoding.Latin1.GetBytes(text));
    }
}

/// <summary>An answer over HTTP/2.</summary>
internal sealed record Http2Answer(IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    public int Status => int.Parse(Header(":status"), CultureInfo.InvariantCulture);

    public string Header(string name) => Headers.FirstOrDefault(header => header.Name == name).Value ?? "";
}
