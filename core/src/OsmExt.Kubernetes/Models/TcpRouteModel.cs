using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Models;

/// <summary><c>specs.smi-spec.io</c> TCPRoute.</summary>
internal sealed class TcpRouteModel : CustomObject<TcpRouteSpec>;

[Restricts]
internal sealed class TcpRouteSpec
{
    [JsonPropertyName("matches")]
    [Description("Which connections are meant.")]
    [Required]
    public TcpMatchModel? Matches { get; set; }
}

[Restricts]
internal sealed class TcpMatchModel
{
    /// <summary>Nothing refers to it; the SMI schema allows it.</summary>
    [JsonPropertyName("name")]
    [Description("Nothing refers to it.")]
    public string? Name { get; set; }

    [JsonPropertyName("ports")]
    [Description("Ports of pods; an empty list means every TCP port.")]
    [Required, MaxLength(1024), EachWithin(1, 65535)]
    public IList<int>? Ports { get; set; }
}
