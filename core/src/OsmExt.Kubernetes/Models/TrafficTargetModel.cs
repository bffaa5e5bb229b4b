using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>access.smi-spec.io</c> TrafficTarget; v1alpha2 and v1alpha3 have one shape.</summary>
internal sealed class TrafficTargetModel : CustomObject<TrafficTargetSpec>;

internal sealed class TrafficTargetSpec
{
    [JsonPropertyName("destination")]
    [Description("The service account whose pods are reached; its namespace is the TrafficTarget's.")]
    [Required]
    [CelRule("self.kind == 'ServiceAccount'", "kind must be ServiceAccount", FieldPath = ".kind")]
    public IdentityModel? Destination { get; set; }

    [JsonPropertyName("sources")]
    [Description("The service accounts whose pods may come; none when it is empty.")]
    [Required, MaxLength(1024)]
    [CelRule("self.all(from, from.kind == 'ServiceAccount')", "each source must have kind ServiceAccount")]
    public IList<IdentityModel>? Sources { get; set; }

    [JsonPropertyName("rules")]
    [Description("By which routes they may come; by none when it is empty.")]
    [MaxLength(256)]
    public IList<TrafficTargetRuleModel>? Rules { get; set; }
}

[Restricts]
internal sealed class IdentityModel
{
    [JsonPropertyName("kind")]
    [Description("Its kind.")]
    [Required]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    [Description("Its name.")]
    [Required, MinLength(1), MaxLength(253), RegularExpression(Patterns.DnsSubdomain)]
    public string? Name { get; set; }

    [JsonPropertyName("namespace")]
    [Description("Its namespace.")]
    [MaxLength(63), RegularExpression(Patterns.DnsLabel)]
    public string? Namespace { get; set; }
}

[Restricts]
[CelRule("self.kind == 'HTTPRouteGroup' || !has(self.matches) || self.matches.size() == 0", "a TCPRoute has no named matches", FieldPath = ".matches")]
internal sealed class TrafficTargetRuleModel
{
    [JsonPropertyName("kind")]
    [Description("The kind of route.")]
    [Required, AllowedValues("HTTPRouteGroup", "TCPRoute")]
    public string? Kind { get; set; }

    [JsonPropertyName("name")]
    [Description("A route in the TrafficTarget's namespace.")]
    [Required, MinLength(1)]
    public string? Name { get; set; }

    [JsonPropertyName("matches")]
    [Description("Names of matches of the HTTPRouteGroup; none for all of them.")]
    [MaxLength(256)]
    public IList<string>? Matches { get; set; }
}
