namespace OsmExt.Sdk.Identity;

/// <summary>A workload's certificate and key, as delivered to its proxies over SDS.</summary>
/// <param name="Identity">Whom it names.</param>
/// <param name="ChainPem">Leaf first, then intermediates; no root.</param>
/// <param name="PrivateKeyPem">The leaf's key, PKCS#8.</param>
/// <param name="NotBefore">Start of validity, with allowance for skewed clocks.</param>
/// <param name="NotAfter">End of validity.</param>
/// <param name="Version">
/// Equal for certificates that may stand in for each other: same identity, issuer, parameters and rotation epoch. Two control
/// planes, or one before and after a restart, agree on it without sharing keys, so a reconnecting proxy keeps what it has.
/// </param>
public sealed record WorkloadCertificate(
    WorkloadIdentity Identity, string ChainPem, SecretBytes PrivateKeyPem, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Version)
{
    /// <summary>Stands in where configuration is printed and nothing is served.</summary>
    public static WorkloadCertificate Placeholder(WorkloadIdentity identity)
        => new(identity, "[certificate chain]\n", new SecretBytes("[private key]\n"u8), default, default, "placeholder");
}
