using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>split.smi-spec.io</c> TrafficSplit; matches came with v1alpha4.</summary>
internal sealed class TrafficSplitModel : CustomObject<TrafficSplitSpec>;

[Restricts]
internal sealed class TrafficSplitSpec
{
    [JsonPropertyName("service")]
    [Description("The service whose requests are split: NAME, or NAME.NAMESPACE, also with svc and the cluster's domain.")]
    [Required, MinLength(1)]
    public string? Service { get; set; }

    [JsonPropertyName("backends")]
    [Description("The services that share the requests.")]
    [Required, MaxLength(256)]
    public IList<SplitBackendModel>? Backends { get; set; }

    [JsonPropertyName("matches")]
    [Since("v1alpha4")]
    [Description("HTTPRouteGroups: only requests that they match are split; none for all.")]
    [MaxLength(64)]
    public IList<SplitMatchModel>? Matches { get; set; }
}

internal sealed class SplitBackendModel
{
    [JsonPropertyName("service")]
    [Description("A service in the split's namespace.")]
    [Required, MinLength(1)]
    public string? Service { get; set; }

    [JsonPropertyName("weight")]
    [Description("Its share; 0 sends it nothing.")]
    [Required, Range(0, int.MaxValue)]
    public int? Weight { get; set; }
}

[Restricts]
internal sealed class SplitMatchModel
{
    [JsonPropertyName("kind")]
    [Description("The kind of route.")]
    [Required, AllowedValues("HTTPRouteGroup")]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    [Description("Its name.")]
    [Required, MinLength(1)]
    public string? Name { get; set; }

    [JsonPropertyName("apiGroup")]
    [Description("Its API group.")]
    [AllowedValues("specs.smi-spec.io", "specs.smi-spec.io/v1alpha4")]
    public string? ApiGroup { get; set; }
}
