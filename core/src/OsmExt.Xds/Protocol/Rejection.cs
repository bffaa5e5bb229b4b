using System.Collections.Immutable;
using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>A proxy refused one version of one resource.</summary>
/// <param name="Message">What the proxy said, without control characters, cut to a bearable length.</param>
/// <param name="Origins">The objects the resource was made from.</param>
internal sealed record Rejection(
    string ProxyId, string TypeUrl, string Name, string Version, string Message, DateTimeOffset Time, ImmutableArray<string> Origins)
{
    /// <summary>Whether the proxy said which resource it means; if not, others of the same response may be to blame.</summary>
    public bool IsNamed => RejectionMessage.Names(Message, Name);

    public bool Concerns(XdsResource resource) => string.Equals(Version, resource.Version, StringComparison.Ordinal);
}
