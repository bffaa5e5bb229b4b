using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Simulation;
using OsmExt.Simulation.Tls;
using TrustChainVerification = Envoy.Extensions.TransportSockets.Tls.V3.CertificateValidationContext.Types.TrustChainVerification;

namespace OsmExt.DataPlane.Tls;

/// <summary>Whether the other side of a handshake is who it should be: issued by a trusted root, and named as the context asks.</summary>
/// <param name="proxy">Whose configuration.</param>
/// <param name="context">The TLS context.</param>
/// <param name="element">What it belongs to, for messages.</param>
/// <param name="time">When certificates have to be valid.</param>
internal sealed class PeerTrust(ProxyConfiguration proxy, CommonTlsContext context, string element, TimeProvider time)
{
    private static readonly Oid ServerPurpose = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientPurpose = new("1.3.6.1.5.5.7.3.2");
    private static readonly ConditionalWeakTable<CertificateValidationContext, X509Certificate2Collection> Bundles = [];

    /// <summary>Why the peer was refused; null while it was not.</summary>
    public string? Problem { get; private set; }

    /// <summary>What kind of reason that was.</summary>
    public PeerRefusal? Refusal { get; private set; }

    /// <summary>The names of a peer that was taken; null when it showed no certificate.</summary>
    public PeerCertificate? Peer { get; private set; }

    /// <summary>The certificate of a peer that was taken.</summary>
    public X509Certificate2? Certificate { get; private set; }

    /// <summary>Whether a client is asked for a certificate at all.</summary>
    public bool Asks => PeerValidation.Find(proxy, context) is var (name, validation)
        && (name.Length > 0 || validation is { TrustedCa: not null } or { MatchTypedSubjectAltNames.Count: > 0 });

    /// <param name="shown">The peer's certificate.</param>
    /// <param name="chain">With what it showed besides.</param>
    /// <param name="isClient">Whether the peer is the client.</param>
    /// <param name="required">Whether it must show one.</param>
    public bool Accepts(X509Certificate? shown, X509Chain? chain, bool isClient, bool required)
    {
        if (shown is not X509Certificate2 certificate)
        {
            return !required || Refuse("it shows no certificate", PeerRefusal.NoCertificate);
        }

        var (name, validation) = PeerValidation.Find(proxy, context);
        if (name.Length > 0 && validation is null)
        {
            return Refuse($"the validation context {name} has not been delivered", PeerRefusal.Untrusted);
        }

        var peer = CertificateNames.Of(certificate) with { Subject = certificate.SubjectName.Decode(X500DistinguishedNameFlags.Reversed) };
        if (validation is not null)
        {
            if (validation.TrustedCa is not null && validation.TrustChainVerification == TrustChainVerification.VerifyTrustChain
                && Untrusted(certificate, chain, validation, isClient) is { } problem)
            {
                return Refuse(problem, PeerRefusal.Untrusted);
            }

            try
            {
                if (PeerValidation.Refuses(proxy, context, peer, element) is { } refusal)
                {
                    return Refuse(refusal, PeerRefusal.Misnamed);
                }
            }
            catch (UndecidedException unknown)
            {
                return Refuse(unknown.Message, PeerRefusal.Untrusted);
            }
        }

        (Peer, Certificate) = (peer, certificate);
        return true;
    }

    private string? Untrusted(X509Certificate2 certificate, X509Chain? shown, CertificateValidationContext validation, bool isClient)
    {
        try
        {
            return Verify(certificate, shown, validation, isClient);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException)
        {
            return $"the trusted roots cannot be read: {failure.Message}";
        }
    }

    private string? Verify(X509Certificate2 certificate, X509Chain? shown, CertificateValidationContext validation, bool isClient)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(Bundles.GetValue(validation, static context => Pem.Certificates(Credential.Text(context.TrustedCa))));
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTimeIgnored = false;
        policy.VerificationTime = time.GetLocalNow().LocalDateTime;
        policy.ApplicationPolicy.Add(isClient ? ClientPurpose : ServerPurpose);
        if (validation.AllowExpiredCertificate)
        {
            policy.VerificationFlags |= X509VerificationFlags.IgnoreNotTimeValid;
        }

        foreach (var element in shown?.ChainPolicy.ExtraStore ?? [])
        {
            policy.ExtraStore.Add(element);
        }

        return chain.Build(certificate) ? null
            : $"its certificate is not trusted: {string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct())}";
    }

    private bool Refuse(string problem, PeerRefusal kind)
    {
        (Problem, Refusal) = (problem, kind);
        return false;
    }

    /// <summary>As a callback of a handshake.</summary>
    public RemoteCertificateValidationCallback Callback(bool isClient, bool required)
        => (_, certificate, chain, _) => Accepts(certificate, chain, isClient, required);
}

/// <summary>Why a peer was refused, as far as it is counted.</summary>
internal enum PeerRefusal
{
    /// <summary>It showed no certificate where one is required.</summary>
    NoCertificate,

    /// <summary>Its certificate does not come from a trusted root, or not now.</summary>
    Untrusted,

    /// <summary>Its certificate has other names.</summary>
    Misnamed,
}
