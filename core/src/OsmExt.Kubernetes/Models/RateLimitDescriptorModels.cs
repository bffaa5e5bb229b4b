using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Models;

[Restricts]
internal sealed class HttpDescriptorModel
{
    [JsonPropertyName("entries")]
    [Description("The entries; all of them together make the descriptor.")]
    [Required, Length(1, 8)]
    public IList<HttpDescriptorEntryModel>? Entries { get; set; }
}

/// <summary>Exactly one of the four is set.</summary>
[Restricts]
[CelRule("[has(self.genericKey), has(self.remoteAddress), has(self.requestHeader), has(self.headerValueMatch)].filter(named, named).size() == 1", "exactly one of genericKey, remoteAddress, requestHeader and headerValueMatch must be set")]
internal sealed class HttpDescriptorEntryModel
{
    [JsonPropertyName("genericKey")]
    [Description("A fixed value.")]
    public GenericKeyModel? GenericKey { get; set; }

    [JsonPropertyName("remoteAddress")]
    [Description("The client's address, under the key remote_address. It has no fields: write {}.")]
    public RemoteAddressModel? RemoteAddress { get; set; }

    [JsonPropertyName("requestHeader")]
    [Description("The value of a request's header; without the header the descriptor is not counted.")]
    public RequestHeaderModel? RequestHeader { get; set; }

    [JsonPropertyName("headerValueMatch")]
    [Description("A fixed value for requests whose headers match.")]
    public HeaderValueMatchModel? HeaderValueMatch { get; set; }
}

[Restricts]
internal sealed class GenericKeyModel
{
    [JsonPropertyName("key")]
    [Description("The entry's key; generic_key when it is not set.")]
    public string? Key { get; set; }

    [JsonPropertyName("value")]
    [Description("The entry's value.")]
    [Required, MinLength(1)]
    public string? Value { get; set; }
}

/// <summary>Has no fields.</summary>
[Restricts]
internal sealed class RemoteAddressModel;

[Restricts]
internal sealed class RequestHeaderModel
{
    [JsonPropertyName("name")]
    [Description("The header's name.")]
    [Required, Length(1, 256), RegularExpression(Patterns.HeaderName)]
    public string? Name { get; set; }

    [JsonPropertyName("key")]
    [Description("The entry's key.")]
    [Required, MinLength(1)]
    public string? Key { get; set; }
}

[Restricts]
internal sealed class HeaderValueMatchModel
{
    [JsonPropertyName("key")]
    [Description("The entry's key; header_match when it is not set.")]
    public string? Key { get; set; }

    [JsonPropertyName("value")]
    [Description("The entry's value.")]
    [Required, MinLength(1)]
    public string? Value { get; set; }

    [JsonPropertyName("expectMatch")]
    [Description("Whether the conditions must hold, or must not.")]
    [DefaultValue(true)]
    public bool? ExpectMatch { get; set; }

    [JsonPropertyName("headers")]
    [Description("The conditions; all must hold.")]
    [Required, Length(1, 8)]
    public IList<HeaderConditionModel>? Headers { get; set; }
}

/// <summary>A header's name and exactly one condition.</summary>
[Restricts]
[CelRule("[has(self.exact), has(self.prefix), has(self.suffix), has(self.regex), has(self.contains), has(self.present)].filter(made, made).size() == 1", "exactly one of exact, prefix, suffix, regex, contains and present must be set")]
internal sealed class HeaderConditionModel
{
    [JsonPropertyName("name")]
    [Description("The header's name.")]
    [Required, Length(1, 256), RegularExpression(Patterns.HeaderName)]
    public string? Name { get; set; }

    [JsonPropertyName("exact")]
    [Description("The whole value.")]
    [MinLength(1)]
    public string? Exact { get; set; }

    [JsonPropertyName("prefix")]
    [Description("What the value begins with.")]
    [MinLength(1)]
    public string? Prefix { get; set; }

    [JsonPropertyName("suffix")]
    [Description("What the value ends with.")]
    [MinLength(1)]
    public string? Suffix { get; set; }

    [JsonPropertyName("regex")]
    [Description("An RE2 pattern for the whole value.")]
    [MinLength(1)]
    public string? Regex { get; set; }

    [JsonPropertyName("contains")]
    [Description("What the value contains.")]
    [MinLength(1)]
    public string? Contains { get; set; }

    [JsonPropertyName("present")]
    [Description("Whether the header is there.")]
    public bool? Present { get; set; }
}
