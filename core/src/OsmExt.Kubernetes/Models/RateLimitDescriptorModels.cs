using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

[Restricts]
internal sealed class HttpDescriptorModel
{
    [JsonPropertyName("entries")]
    public IList<HttpDescriptorEntryModel>? Entries { get; set; }
}

/// <summary>Exactly one of the four is set.</summary>
[Restricts]
internal sealed class HttpDescriptorEntryModel
{
    [JsonPropertyName("genericKey")]
    public GenericKeyModel? GenericKey { get; set; }

    [JsonPropertyName("remoteAddress")]
    public RemoteAddressModel? RemoteAddress { get; set; }

    [JsonPropertyName("requestHeader")]
    public RequestHeaderModel? RequestHeader { get; set; }

    [JsonPropertyName("headerValueMatch")]
    public HeaderValueMatchModel? HeaderValueMatch { get; set; }
}

[Restricts]
internal sealed class GenericKeyModel
{
    [JsonPropertyName("key")]
    public string? Key { get; set; }

    [JsonPropertyName("value")]
    public string? Value { get; set; }
}

/// <summary>Has no fields.</summary>
[Restricts]
internal sealed class RemoteAddressModel;

[Restricts]
internal sealed class RequestHeaderModel
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("key")]
    public string? Key { get; set; }
}

[Restricts]
internal sealed class HeaderValueMatchModel
{
    [JsonPropertyName("key")]
    public string? Key { get; set; }

    [JsonPropertyName("value")]
    public string? Value { get; set; }

    [JsonPropertyName("expectMatch")]
    public bool? ExpectMatch { get; set; }

    [JsonPropertyName("headers")]
    public IList<HeaderConditionModel>? Headers { get; set; }
}

/// <summary>A header's name and exactly one condition.</summary>
[Restricts]
internal sealed class HeaderConditionModel
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("exact")]
    public string? Exact { get; set; }

    [JsonPropertyName("prefix")]
    public string? Prefix { get; set; }

    [JsonPropertyName("suffix")]
    public string? Suffix { get; set; }

    [JsonPropertyName("regex")]
    public string? Regex { get; set; }

    [JsonPropertyName("contains")]
    public string? Contains { get; set; }

    [JsonPropertyName("present")]
    public bool? Present { get; set; }
}
