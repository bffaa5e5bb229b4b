using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Roots;

/// <summary>Where a change of the trust domain has got to: which domain counts where at this moment.</summary>
/// <param name="Issuing">Names the holders of new certificates.</param>
/// <param name="Accepted">Proxies are told to accept identities of these; sorted.</param>
/// <param name="XdsServer">Names the control plane in the xDS port's own certificate.</param>
/// <param name="XdsAccepted">Proxies of these are let in on the xDS port: at least those <paramref name="Accepted"/>; sorted.</param>
internal sealed record DomainState(
    string Issuing, EquatableArray<string> Accepted, string XdsServer, EquatableArray<string> XdsAccepted)
{
    /// <summary>How many times <see cref="Issuing"/> has changed.</summary>
    public int Changes { get; init; }

    /// <summary>After which of these changes proxies were told to open all connections anew.</summary>
    public int ConnectionsAfter { get; init; }

    /// <summary>Of a mesh that knows no other.</summary>
    public static DomainState Only(string domain) => new(domain, [domain], domain, [domain]);

    /// <summary>What proxies are configured with.</summary>
    public TrustDomains ForProxies => new(Accepted) { ConnectionsAfter = ConnectionsAfter };

    /// <summary>All that count anywhere, sorted.</summary>
    public IEnumerable<string> All => Accepted.Union(XdsAccepted, StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Certificates are issued in that domain from now on.</summary>
    public DomainState Issue(string domain) => domain == Issuing ? this : this with { Issuing = domain, Changes = Changes + 1 };
}
