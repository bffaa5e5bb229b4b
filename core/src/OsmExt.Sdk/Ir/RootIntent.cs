using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Ir;

/// <summary>
/// Which roots the mesh shall have, by the names of their objects. It is what the user wants in the end, not what may be done at
/// once: getting there goes in steps, each of which waits until it is safe.
/// </summary>
/// <param name="Active">One of these signs; sorted, never empty. With two, the one that signs goes on.</param>
/// <param name="Passive">These are believed, too; sorted.</param>
/// <param name="Domains">The trust domain of each, sorted by root.</param>
public sealed record RootIntent(EquatableArray<string> Active, EquatableArray<string> Passive, EquatableArray<RootDomain> Domains)
{
    /// <summary>All that shall be believed, sorted.</summary>
    public EquatableArray<string> Trusted => [.. Active.Concat(Passive).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>All trust domains whose identities shall be accepted, sorted.</summary>
    public EquatableArray<string> TrustDomains => [.. Domains.Select(root => root.TrustDomain).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Which one shall sign.</summary>
    /// <param name="current">The one that does now.</param>
    public string SigningAfter(string current) => Active.Contains(current) ? current : Active[0];

    /// <summary>The trust domain in which a root shall issue.</summary>
    /// <param name="root">One of <see cref="Trusted"/>.</param>
    public string TrustDomainOf(string root) => Domains.First(one => string.Equals(one.Root, root, StringComparison.Ordinal)).TrustDomain;
}

/// <summary>A root and the trust domain it issues in.</summary>
/// <param name="Root">The name of its object.</param>
/// <param name="TrustDomain">For example <c>cluster.local</c>.</param>
public sealed record RootDomain(string Root, string TrustDomain);
