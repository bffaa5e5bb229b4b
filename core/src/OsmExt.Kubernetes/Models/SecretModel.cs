using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary>A Secret of the core group. Its values are a type of their own, so that no finding quotes one.</summary>
internal sealed class SecretModel : KubernetesObject
{
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("immutable")]
    public bool? Immutable { get; set; }

    [JsonPropertyName("data")]
    public IDictionary<string, HiddenText>? Data { get; set; }

    [JsonPropertyName("stringData")]
    public IDictionary<string, HiddenText>? StringData { get; set; }
}

/// <summary>A text that is never shown.</summary>
internal sealed class HiddenText(string value)
{
    public string Reveal() => value;

    public override string ToString() => "[redacted]";
}
