using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace OsmExt.Kubernetes.Models;

/// <summary>What all objects have.</summary>
internal abstract class KubernetesObject : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();
}
