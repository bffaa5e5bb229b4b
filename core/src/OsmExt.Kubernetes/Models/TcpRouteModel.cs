using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>specs.smi-spec.io</c> TCPRoute.</summary>
internal sealed class TcpRouteModel : CustomObject<TcpRouteSpec>;

[Restricts]
internal sealed class TcpRouteSpec
{
    [JsonPropertyName("matches")]
    public TcpMatchModel? Matches { get; set; }
}

[Restricts]
internal sealed class TcpMatchModel
{
    /// <summary>Nothing refers to it; the SMI schema allows it.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("ports")]
    public IList<int>? Ports { get; set; }
}
