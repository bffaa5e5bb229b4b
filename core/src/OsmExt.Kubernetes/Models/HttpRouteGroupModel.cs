using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>specs.smi-spec.io</c> HTTPRouteGroup.</summary>
internal sealed class HttpRouteGroupModel : CustomObject<HttpRouteGroupSpec>;

internal sealed class HttpRouteGroupSpec
{
    [JsonPropertyName("matches")]
    public IList<HttpMatchModel>? Matches { get; set; }
}

[Restricts]
internal sealed class HttpMatchModel
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("pathRegex")]
    public string? PathRegex { get; set; }

    [JsonPropertyName("methods")]
    public IList<string>? Methods { get; set; }

    [JsonPropertyName("headers")]
    public HeaderPatterns? Headers { get; set; }
}

/// <summary>Header names with patterns. SMI's prose writes a map, its schema a list of maps; both are read.</summary>
internal sealed class HeaderPatterns : List<KeyValuePair<string, string>>;
