using System.Text.Json.Serialization;
using k8s.Models;

namespace OsmExt.Kubernetes.Models;

/// <summary>What SMI and OSM objects have in common. The models below it give the legal fields; views say what they mean.</summary>
internal abstract class CustomObject<TSpec> : KubernetesObject, ISpec<TSpec?>
    where TSpec : class
{
    [JsonPropertyName("spec")]
    public TSpec? Spec { get; set; }

    /// <summary>Written by controllers, never read.</summary>
    [JsonPropertyName("status")]
    public object? Status { get; set; }
}
