using System.Collections.Immutable;
using OsmExt.Identity.Roots;

namespace OsmExt.ControlPlane.Roots;

/// <summary>Whether the same is known of two proxies.</summary>
internal sealed class SameEvidence : IEqualityComparer<ProxyEvidence>
{
    public static SameEvidence Comparer { get; } = new();

    public bool Equals(ProxyEvidence? one, ProxyEvidence? other) => one is null || other is null ? one == other
        : Same(one.Trusts, other.Trusts) && Same(one.Presents, other.Presents) && Same(one.Credentials, other.Credentials) && Same(one.Accepts, other.Accepts)
            && Same(one.PresentsIn, other.PresentsIn) && Same(one.ConnectionsAfter, other.ConnectionsAfter) && Same(one.CredentialsIn, other.CredentialsIn);

    public int GetHashCode(ProxyEvidence one) => HashCode.Combine(one.Trusts?.Count, one.Presents?.Count, one.Credentials?.Count, one.Accepts?.Count, one.PresentsIn?.Count, one.ConnectionsAfter?.Count);

    private static bool Same<T>(ImmutableHashSet<T>? one, ImmutableHashSet<T>? other) => one is null || other is null ? one is null && other is null : one.SetEquals(other);
}
