using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Identity;

/// <summary>The root certificates a mesh trusts, and the trust domain they vouch for.</summary>
/// <param name="TrustDomain">For example <c>cluster.local</c>.</param>
/// <param name="Roots">PEM certificates; more than one while a root is being rotated.</param>
public sealed record TrustBundle(string TrustDomain, EquatableArray<string> Roots)
{
    /// <summary>All trust domains they vouch for, sorted; more than one while the mesh goes from one to another.</summary>
    public EquatableArray<string> TrustDomains { get; init; } = [TrustDomain];

    /// <summary>Stands in where configuration is printed and nothing is served; it trusts nobody.</summary>
    public static TrustBundle Placeholder(string trustDomain) => new(trustDomain, ["[trust bundle]\n"]);

    /// <summary>The certificates one after the other, as Envoy takes them.</summary>
    public string Pem => string.Concat(Roots);
}
