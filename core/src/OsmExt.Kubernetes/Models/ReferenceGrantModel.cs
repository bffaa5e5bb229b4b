using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>gateway.networking.k8s.io</c> ReferenceGrant.</summary>
internal sealed class ReferenceGrantModel : CustomObject<ReferenceGrantSpec>;

[Restricts]
internal sealed class ReferenceGrantSpec
{
    [JsonPropertyName("from")]
    public IList<ReferenceGrantFrom>? From { get; set; }

    [JsonPropertyName("to")]
    public IList<ReferenceGrantTo>? To { get; set; }
}

[Restricts]
internal sealed class ReferenceGrantFrom
{
    [JsonPropertyName("group")]
    public string? Group { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }
}

[Restricts]
internal sealed class ReferenceGrantTo
{
    [JsonPropertyName("group")]
    public string? Group { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    public string? Name { get; set; }
}
