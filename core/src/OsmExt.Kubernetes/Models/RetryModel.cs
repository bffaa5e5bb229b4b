using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>policy.openservicemesh.io</c> Retry.</summary>
internal sealed class RetryModel : CustomObject<RetrySpec>;

internal sealed class RetrySpec
{
    [JsonPropertyName("source")]
    public IdentityModel? Source { get; set; }

    [JsonPropertyName("destinations")]
    public IList<IdentityModel>? Destinations { get; set; }

    [JsonPropertyName("retryPolicy")]
    public RetryPolicyModel? RetryPolicy { get; set; }
}

internal sealed class RetryPolicyModel
{
    [JsonPropertyName("retryOn")]
    public string? RetryOn { get; set; }

    [JsonPropertyName("perTryTimeout")]
    public string? PerTryTimeout { get; set; }

    [JsonPropertyName("numRetries")]
    public int? NumRetries { get; set; }

    [JsonPropertyName("retryBackoffBaseInterval")]
    public string? RetryBackoffBaseInterval { get; set; }
}
