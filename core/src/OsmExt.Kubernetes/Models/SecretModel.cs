using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace OsmExt.Kubernetes.Models;

/// <summary>A Secret of the core group. Its values are a type of their own, so that no finding quotes one.</summary>
internal sealed class SecretModel : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

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
