using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OsmExt.Demo;

/// <summary>What a program says on standard output about each request it sent or served: one JSON object a line.</summary>
/// <param name="App">The program.</param>
/// <param name="Side"><c>client</c> or <c>server</c>.</param>
/// <param name="Method">HTTP method, or <c>TCP</c>.</param>
/// <param name="Url">What was asked for.</param>
/// <param name="Status">HTTP status; 0 when there was no answer. A TCP exchange that worked counts as 200.</param>
internal sealed record RequestLine(string App, string Side, string Method, string Url, int Status)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Lock Gate = new();

    /// <summary>Unix time in milliseconds.</summary>
    [JsonPropertyOrder(-1)]
    public long Ts { get; init; } = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Why there was no answer.</summary>
    public string? Error { get; init; }

    /// <summary>Which instance answered, as it calls itself.</summary>
    public string? Identity { get; init; }

    /// <summary>The other side's SPIFFE id, as the proxies verified it.</summary>
    public string? Peer { get; init; }

    /// <summary>The own SPIFFE id, as the other side's proxy saw it.</summary>
    public string? Self { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public double Ms { get; init; }

    public void Print()
    {
        var line = JsonSerializer.Serialize(this, Json);
        lock (Gate)
        {
            Console.Out.WriteLine(line);
        }
    }
}
