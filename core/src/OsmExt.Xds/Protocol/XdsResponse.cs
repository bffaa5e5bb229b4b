using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>One response, ready to be written. It refers to resources whose bytes exist already.</summary>
internal sealed record XdsResponse(XdsVariant Variant, string TypeUrl, string Nonce, string Version)
{
    public required IReadOnlyList<XdsResource> Resources { get; init; }

    /// <summary>Delta only: names that do not exist, or no longer.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Those of the resources that are news to the client.</summary>
    public required IReadOnlyList<XdsResource> Changed { get; init; }

    /// <summary>Timestamp of the oldest change it carries; null when it only answers a request.</summary>
    public long? ChangedAt { get; init; }

    /// <summary>Size on the wire; known once it was written.</summary>
    public int EncodedSize { get; set; }
}
