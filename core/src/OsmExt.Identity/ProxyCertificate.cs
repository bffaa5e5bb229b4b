using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>What one proxy presents on the xDS connection. It speaks for the proxy and serves nobody.</summary>
/// <param name="Identity">Whom it names.</param>
/// <param name="ChainPem">Leaf first, then intermediates; no root.</param>
/// <param name="PrivateKeyPem">The leaf's key, PKCS#8.</param>
/// <param name="NotBefore">Start of validity, with allowance for skewed clocks.</param>
/// <param name="NotAfter">End of validity.</param>
internal sealed record ProxyCertificate(
    ProxyIdentity Identity, string ChainPem, SecretBytes PrivateKeyPem, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>From when on it should be replaced: a third of its time is left to do so.</summary>
    public DateTimeOffset RenewAt => new ValidityWindow(NotBefore, NotAfter).RenewAt;
}
