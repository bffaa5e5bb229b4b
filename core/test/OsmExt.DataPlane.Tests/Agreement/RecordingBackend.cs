using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// An application that reads HTTP/1.1 with no library in between, and answers with what it read. Headers that differ from run to run are left
/// out, and names are in lower case: Envoy writes them so, and their spelling means nothing.
/// </summary>
internal sealed class RecordingBackend
{
    private static readonly string[] Fleeting = ["x-request-id", "x-envoy-expected-rq-timeout-ms"];
    private RecordingBackend(string name) => Name = name;

    public string Name { get; }

    /// <summary>The requests that arrived, in order, as text.</summary>
    public ConcurrentQueue<string> Seen { get; } = [];

    public TestServer Server { get; private set; } = null!;

    public static async Task<RecordingBackend> StartAsync(string name)
    {
        var backend = new RecordingBackend(name);
        backend.Server = await TestServer.TcpAsync(backend.ServeAsync);
        return backend;
    }

    public string[] TakeSeen()
    {
        var all = new List<string>();
        while (Seen.TryDequeue(out var one))
        {
            all.Add(one);
        }

        return [.. all];
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new BufferedStream(new NetworkStream(socket));
        while (await LineAsync(stream) is { Length: > 0 } first)
        {
            var headers = new List<string>();
            while (await LineAsync(stream) is { Length: > 0 } line)
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                headers.Add($"{line[..colon].ToLowerInvariant()}: {line[(colon + 1)..].Trim()}");
            }

            var body = await BodyAsync(stream, headers);
            var shown = headers.Where(header => !Fleeting.Contains(header.Split(':')[0])).Order(StringComparer.Ordinal);
            var seen = $"{first}\n{string.Join('\n', shown)}\n\n{body}";
            Seen.Enqueue(seen);
            var answer = first.StartsWith("HEAD ", StringComparison.Ordinal) ? "" : seen;
            await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"HTTP/1.1 200 OK\r\nx-backend: {Name}\r\ncontent-length: {seen.Length}\r\n\r\n{answer}")));
            await stream.FlushAsync();
        }
    }

    private static async Task<string> BodyAsync(Stream stream, List<string> headers)
    {
        if (headers.FirstOrDefault(header => header.StartsWith("content-length: ", StringComparison.Ordinal)) is { } length)
        {
            return await BytesAsync(stream, int.Parse(length[16..], CultureInfo.InvariantCulture));
        }

        if (!headers.Contains("transfer-encoding: chunked"))
        {
            return "";
        }

        var body = new StringBuilder();
        while (int.Parse((await LineAsync(stream))!, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            body.Append(await BytesAsync(stream, size));
            await LineAsync(stream);
        }

        while (await LineAsync(stream) is { Length: > 0 } trailer)
        {
            body.Append('\n').Append(trailer);
        }

        return body.ToString();
    }

    private static async Task<string> BytesAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    private static async Task<string?> LineAsync(Stream stream)
    {
        var (line, one) = (new StringBuilder(), new byte[1]);
        try
        {
            while (await stream.ReadAsync(one) == 1)
            {
                if (one[0] == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                line.Append((char)one[0]);
            }
        }
        catch (IOException)
        {
            // The proxy is gone.
        }

        return null;
    }
}
