using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>specs.smi-spec.io</c> HTTPRouteGroup.</summary>
internal sealed class HttpRouteGroupModel : CustomObject<HttpRouteGroupSpec>;

internal sealed class HttpRouteGroupSpec
{
    [JsonPropertyName("matches")]
    [Description("The matches. A TrafficTarget refers to them by name; a group without any lets nothing through.")]
    [Required, MaxLength(1024)]
    public IList<HttpMatchModel>? Matches { get; set; }
}

[Restricts]
internal sealed class HttpMatchModel
{
    [JsonPropertyName("name")]
    [Description("What a TrafficTarget calls this match.")]
    [Required, Key, MinLength(1)]
    public string? Name { get; set; }

    [JsonPropertyName("pathRegex")]
    [Description("An RE2 pattern that the whole path must match, without the query. Empty for any path.")]
    public string? PathRegex { get; set; }

    [JsonPropertyName("methods")]
    [Description("HTTP methods; none or * for any.")]
    [MaxLength(16), EachOf("*", "GET", "HEAD", "PUT", "POST", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")]
    public IList<string>? Methods { get; set; }

    [JsonPropertyName("headers")]
    [Description("Names of headers and RE2 patterns for their whole values, as a mapping or as a list of mappings. The name host means :authority.")]
    public HeaderPatterns? Headers { get; set; }
}

/// <summary>Header names with patterns. SMI's prose writes a map, its schema a list of maps; both are read.</summary>
internal sealed class HeaderPatterns : List<KeyValuePair<string, string>>;
