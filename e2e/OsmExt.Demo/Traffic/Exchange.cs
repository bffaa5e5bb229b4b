using System.Text.Json;

namespace OsmExt.Demo.Traffic;

/// <summary>A request that an application sent, as it reported it itself.</summary>
/// <param name="From">The pod that asked.</param>
/// <param name="To">The service it asked for.</param>
/// <param name="What">Method and path, or TCP.</param>
/// <param name="Status">HTTP status; 0 when there was no answer.</param>
/// <param name="Answered">What the answering instance calls itself; empty when unknown.</param>
/// <param name="Self">The asking pod's SPIFFE id, as the other side's proxy verified it; empty when unknown.</param>
/// <param name="Peer">The answering pod's SPIFFE id; empty when unknown.</param>
/// <param name="Start">When it was sent.</param>
/// <param name="End">When it was answered.</param>
internal sealed record Exchange(
    string From, string To, string What, int Status, string Answered, string Self, string Peer, DateTimeOffset Start, DateTimeOffset End)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Reads a line of an application's output. Null when it is about something else.</summary>
    public static Exchange? Parse(string pod, string line)
    {
        if (!line.StartsWith('{') || Read(line) is not { Side: "client" } said || !Uri.TryCreate(said.Url, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return null;
        }

        var start = DateTimeOffset.FromUnixTimeMilliseconds(said.Ts);
        return new(
            pod, url.Host.Split('.')[0], said.Method == "TCP" ? "TCP" : $"{said.Method} {url.AbsolutePath}", said.Status,
            said.Identity ?? "", said.Self ?? "", said.Peer ?? "", start, start.AddMilliseconds(said.Ms));
    }

    private static Line? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line, Json);
        }
        catch (JsonException)
        {
            // Other programs' lines may be JSON too.
            return null;
        }
    }

    private sealed record Line(long Ts, string Side, string Method, string Url, int Status, string? Identity, string? Self, string? Peer, double Ms);
}
