using Envoy.Service.Discovery.V3;

namespace OsmExt.Xds.Protocol;

/// <summary>The part of a discovery request, of either variant, that concerns one type's subscription.</summary>
internal sealed record TypeRequest(string TypeUrl)
{
    private static readonly Dictionary<string, string> NoVersions = [];

    public string Nonce { get; init; } = "";

    /// <summary>Why the response was refused; null when it was not.</summary>
    public string? Error { get; init; }

    /// <summary>State of the world: everything wanted. Delta: what is wanted in addition.</summary>
    public IReadOnlyList<string> Subscribe { get; init; } = [];

    /// <summary>Delta only.</summary>
    public IReadOnlyList<string> Unsubscribe { get; init; } = [];

    /// <summary>Delta only: what the client kept from an earlier stream.</summary>
    public IReadOnlyDictionary<string, string> InitialVersions { get; init; } = NoVersions;

    /// <summary>The client accepted something of this type on an earlier stream and still has it.</summary>
    public bool HasHistory { get; init; }

    public static TypeRequest From(DiscoveryRequest request) => new(request.TypeUrl)
    {
        Nonce = request.ResponseNonce,
        Error = request.ErrorDetail?.Message,
        Subscribe = request.ResourceNames,
        HasHistory = request.VersionInfo.Length > 0,
    };

    public static TypeRequest From(DeltaDiscoveryRequest request) => new(request.TypeUrl)
    {
        Nonce = request.ResponseNonce,
        Error = request.ErrorDetail?.Message,
        Subscribe = request.ResourceNamesSubscribe,
        Unsubscribe = request.ResourceNamesUnsubscribe,
        InitialVersions = request.InitialResourceVersions.AsReadOnly(),
        HasHistory = request.InitialResourceVersions.Count > 0,
    };
}
