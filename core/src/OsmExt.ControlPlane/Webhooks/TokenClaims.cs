using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>
/// What a token says of itself. It proves nothing: only the API server can tell whether it is true. It tells what need not be asked, so that
/// whoever sends nonsense costs the API server nothing.
/// </summary>
internal static class TokenClaims
{
    /// <summary>A token of a pod has less than two thousand letters.</summary>
    public const int Longest = 8192;

    // Clocks differ; the API server has the last word.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>Whether it may be a token for an audience that is valid now.</summary>
    public static bool MayBe(string token, string audience, DateTimeOffset now)
    {
        if (token.Length is 0 or > Longest || token.Split('.') is not [{ Length: > 0 }, { Length: > 0 } payload, { Length: > 0 }] || !Base64Url.IsValid(payload))
        {
            return false;
        }

        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(payload)) is JsonObject claims
                && Audiences(claims["aud"]).Contains(audience, StringComparer.Ordinal)
                && claims["exp"] is JsonValue expiry && expiry.GetValueKind() == JsonValueKind.Number && expiry.TryGetValue<long>(out var end)
                && end > (now - Skew).ToUnixTimeSeconds();
        }
        catch (Exception failure) when (failure is JsonException or FormatException or DecoderFallbackException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Audiences(JsonNode? node) => node switch
    {
        JsonArray list => list.OfType<JsonValue>().Where(item => item.GetValueKind() == JsonValueKind.String).Select(item => item.GetValue<string>()),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };
}
