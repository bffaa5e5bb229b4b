using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>access.smi-spec.io</c> TrafficTarget; v1alpha2 and v1alpha3 have one shape.</summary>
internal sealed class TrafficTargetModel : CustomObject<TrafficTargetSpec>;

internal sealed class TrafficTargetSpec
{
    [JsonPropertyName("destination")]
    public IdentityModel? Destination { get; set; }

    [JsonPropertyName("sources")]
    public IList<IdentityModel>? Sources { get; set; }

    [JsonPropertyName("rules")]
    public IList<TrafficTargetRuleModel>? Rules { get; set; }
}

[Restricts]
internal sealed class IdentityModel
{
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }
}

[Restricts]
internal sealed class TrafficTargetRuleModel
{
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("matches")]
    public IList<string>? Matches { get; set; }
}
