using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>policy.openservicemesh.io</c> Retry.</summary>
internal sealed class RetryModel : CustomObject<RetrySpec>;

internal sealed class RetrySpec
{
    [JsonPropertyName("source")]
    [Description("The service account whose requests are tried again.")]
    [Required]
    [CelRule("self.kind == 'ServiceAccount'", "kind must be ServiceAccount", FieldPath = ".kind")]
    [CelRule("has(self.__namespace__)", "namespace must be set", FieldPath = ".namespace")]
    public IdentityModel? Source { get; set; }

    [JsonPropertyName("destinations")]
    [Description("The services that the requests go to.")]
    [Required, Length(1, 256)]
    [CelRule("self.all(to, to.kind == 'Service' && has(to.__namespace__))", "each destination must have kind Service and a namespace")]
    public IList<IdentityModel>? Destinations { get; set; }

    [JsonPropertyName("retryPolicy")]
    [Description("When and how often.")]
    [Required]
    public RetryPolicyModel? RetryPolicy { get; set; }
}

internal sealed class RetryPolicyModel
{
    [JsonPropertyName("retryOn")]
    [Description("Envoy's conditions, separated by commas, such as 5xx,reset.")]
    [Required, MinLength(1)]
    public string? RetryOn { get; set; }

    [JsonPropertyName("perTryTimeout")]
    [Description("How long one try may take; as long as the request when it is 0 or not set.")]
    [RegularExpression(Patterns.Duration)]
    public string? PerTryTimeout { get; set; }

    [JsonPropertyName("numRetries")]
    [Description("How often at most; once when it is not set.")]
    [Range(0, int.MaxValue)]
    public int? NumRetries { get; set; }

    [JsonPropertyName("retryBackoffBaseInterval")]
    [Description("The first wait, at least 1ms; it doubles each time. 25ms when it is not set.")]
    [RegularExpression(Patterns.Duration)]
    public string? RetryBackoffBaseInterval { get; set; }
}
