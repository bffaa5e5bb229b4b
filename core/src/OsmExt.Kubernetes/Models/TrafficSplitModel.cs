using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>split.smi-spec.io</c> TrafficSplit; matches came with v1alpha4.</summary>
internal sealed class TrafficSplitModel : CustomObject<TrafficSplitSpec>;

[Restricts]
internal sealed class TrafficSplitSpec
{
    [JsonPropertyName("service")]
    public string? Service { get; set; }

    [JsonPropertyName("backends")]
    public IList<SplitBackendModel>? Backends { get; set; }

    [JsonPropertyName("matches")]
    [Since("v1alpha4")]
    public IList<SplitMatchModel>? Matches { get; set; }
}

internal sealed class SplitBackendModel
{
    [JsonPropertyName("service")]
    public string? Service { get; set; }

    [JsonPropertyName("weight")]
    public int? Weight { get; set; }
}

[Restricts]
internal sealed class SplitMatchModel
{
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("apiGroup")]
    public string? ApiGroup { get; set; }
}
