using System.Net.Sockets;
using System.Text;
using OsmExt.Simulation;
using OsmExt.Testing.Simulation;

namespace OsmExt.E2E.Agreement;

/// <summary>What really became of a request.</summary>
/// <param name="Status">The HTTP status; null where there was none.</param>
/// <param name="Pod">The pod that answered; empty when no application did.</param>
internal sealed record Observation(int? Status, string Pod)
{
    private const string PodHeader = "x-pod: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Sends a request as its bytes, so that no client library mends it.</summary>
    public static async Task<Observation> OfAsync(Func<Task<Stream>> connect, PolicyRequest request)
    {
        try
        {
            await using var stream = await connect().WaitAsync(Patience);
            return request.Protocol == SimulatedProtocol.Tcp ? await LineAsync(stream, request) : await HttpAsync(stream, request);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return new(null, "");
        }
    }

    /// <summary>Whether the simulator foresaw it, among the ways it named.</summary>
    public bool IsForeseen(PolicyDecision decision) => decision.Verdict != Verdict.Undecided && decision.Outcomes.Any(outcome => outcome.Allowed
        ? Pod.Length > 0 && (outcome.Backend == $"shop/{Pod}" || outcome.Backend is "shop/all")
        : Pod.Length == 0 && outcome.Status == Status);

    private static async Task<Observation> LineAsync(Stream stream, PolicyRequest request)
    {
        if (request.Port == 9000)
        {
            // Long enough for a proxy that expects TLS to see that it is none.
            await stream.WriteAsync("is anybody there?\n"u8.ToArray());
        }

        using var reader = new StreamReader(stream);
        var line = await reader.ReadLineAsync().WaitAsync(Patience) ?? "";
        return new(null, request.Port == 9000 ? line.Split(' ')[0] : line.Replace("hello from ", "", StringComparison.Ordinal));
    }

    private static async Task<Observation> HttpAsync(Stream stream, PolicyRequest request)
    {
        var text = new StringBuilder($"{request.Method} {request.Path} HTTP/1.1\r\nhost: {request.Host}:{request.Port}\r\nconnection: close\r\n");
        foreach (var (name, value) in request.Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{text}content-length: 0\r\n\r\n"));
        using var reader = new StreamReader(stream);
        var (status, pod) = ((int?)null, "");
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { Length: > 0 } line)
        {
            status ??= int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            pod = line.StartsWith(PodHeader, StringComparison.OrdinalIgnoreCase) ? line[PodHeader.Length..] : pod;
        }

        return new(status, pod);
    }
}
