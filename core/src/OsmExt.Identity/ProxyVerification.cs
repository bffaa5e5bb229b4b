using System.Diagnostics.CodeAnalysis;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>Why a client of the xDS port is not let in.</summary>
internal enum ProxyRefusal
{
    /// <summary>It presented no certificate.</summary>
    NoCertificate,

    /// <summary>No root of ours vouches for it, or the chain is broken in another way than below.</summary>
    Untrusted,

    /// <summary>Its validity is over.</summary>
    Expired,

    /// <summary>Its validity has not begun.</summary>
    NotYetValid,

    /// <summary>It is a certificate authority's.</summary>
    CertificateAuthority,

    /// <summary>It does not say that it may be used by a client.</summary>
    NotForClients,

    /// <summary>Its names cannot be read.</summary>
    Malformed,

    /// <summary>It names no URI.</summary>
    NoUri,

    /// <summary>It names several URIs, and who reads which is anyone's guess.</summary>
    SeveralUris,

    /// <summary>It names a workload or something else, but no proxy.</summary>
    NotAProxy,

    /// <summary>It names a proxy of another trust domain.</summary>
    ForeignTrustDomain,
}

/// <summary>The outcome of looking at a client's certificate: a proxy, or why not.</summary>
internal readonly record struct ProxyVerification
{
    private ProxyVerification(ProxyIdentity? identity, ProxyRefusal? refusal)
    {
        Identity = identity;
        Refusal = refusal;
    }

    public ProxyIdentity? Identity { get; }

    /// <summary>Set unless <see cref="Identity"/> is.</summary>
    public ProxyRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Identity))]
    public bool IsAccepted => Identity is not null;

    public static ProxyVerification Accept(ProxyIdentity identity) => new(identity, null);

    public static ProxyVerification Refuse(ProxyRefusal refusal) => new(null, refusal);
}
