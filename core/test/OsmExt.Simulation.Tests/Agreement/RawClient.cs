using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>What came back: the status, or 0 for a closed connection, the route that answered, and gRPC's status; empty for none.</summary>
internal readonly record struct RawAnswer(int Status, string Route, string Grpc = "");

/// <summary>Sends requests byte by byte as they are, one for each connection.</summary>
internal static class RawClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<RawAnswer> SendAsync(int port, RawRequest request)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), timeout.Token);
        await socket.SendAsync(request.Bytes(), SocketFlags.None, timeout.Token);
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        // The header section is all there is to see; a HEAD answer has nothing else.
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)
            && await socket.ReceiveAsync(buffer, SocketFlags.None, timeout.Token) is > 0 and var read)
        {
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        var lines = answer.ToString().Split("\r\n");
        return lines[0].Split(' ') is ["HTTP/1.1", var status, ..]
            ? new(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture),
                Header("x-route"), Header("grpc-status"))
            : new(0, "");

        string Header(string name)
            => lines.FirstOrDefault(line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..] ?? "";
    }
}

/// <summary>A request in bytes, a character for each.</summary>
internal sealed record RawRequest(string Method, string Target, string Host, IReadOnlyList<(string Name, string Value)> Headers)
{
    public byte[] Bytes()
    {
        var text = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: {Host}\r\n");
        foreach (var (name, value) in Headers)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    public override string ToString()
        => $"{Method} {Target} host={Host} {string.Join(' ', Headers.Select(header => $"{header.Name}={header.Value}"))}";
}
