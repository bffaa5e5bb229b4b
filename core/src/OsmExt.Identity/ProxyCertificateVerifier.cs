using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>
/// Decides which proxy a client certificate speaks for. The only roots are the bundle's, nothing is fetched, and the identity
/// is the one URI the certificate names; common and DNS names mean nothing.
/// </summary>
internal sealed class ProxyCertificateVerifier
{
    private const X509ChainStatusFlags WrongTime = X509ChainStatusFlags.NotTimeValid;
    private const X509ChainStatusFlags WrongUse = X509ChainStatusFlags.NotValidForUsage;

    private readonly Func<TrustBundle> _bundle;
    private readonly TimeProvider _time;
    private volatile Anchors _anchors;

    /// <param name="bundle">The roots at this moment; they may be others at the next.</param>
    /// <param name="time">Tells validity.</param>
    public ProxyCertificateVerifier(Func<TrustBundle> bundle, TimeProvider time)
    {
        _bundle = bundle;
        _time = time;
        _anchors = new(bundle());
    }

    public ProxyCertificateVerifier(TrustBundle bundle, TimeProvider time)
        : this(() => bundle, time)
    {
    }

    /// <summary>How to build a chain now. The handshake builds with it too, and has <see cref="Judge"/> look at the outcome.</summary>
    public X509ChainPolicy NewChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = _time.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(Current().Roots);
        policy.ApplicationPolicy.Add(new Oid(LeafProfile.ClientAuthentication));
        return policy;
    }

    /// <param name="certificate">What the client presented.</param>
    /// <param name="intermediates">What else it sent.</param>
    public ProxyVerification Verify(X509Certificate2? certificate, X509Certificate2Collection? intermediates = null)
    {
        if (certificate is null)
        {
            return ProxyVerification.Refuse(ProxyRefusal.NoCertificate);
        }

        using var chain = new X509Chain { ChainPolicy = NewChainPolicy() };
        chain.ChainPolicy.ExtraStore.AddRange(intermediates ?? []);
        try
        {
            chain.Build(certificate);
            return Judge(certificate, chain);
        }
        catch (CryptographicException)
        {
            // Written so that it cannot even be compared with the roots.
            return ProxyVerification.Refuse(ProxyRefusal.Untrusted);
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    /// <param name="certificate">What the client presented.</param>
    /// <param name="chain">Its chain, built by <see cref="NewChainPolicy"/>.</param>
    public ProxyVerification Judge(X509Certificate2 certificate, X509Chain chain)
        => RefusalOf(certificate, chain) is { } refusal ? ProxyVerification.Refuse(refusal) : Read(certificate);

    private Anchors Current()
    {
        var (anchors, bundle) = (_anchors, _bundle());
        return ReferenceEquals(anchors.Bundle, bundle) ? anchors : _anchors = new(bundle);
    }

    // Trust comes first: what an untrusted certificate says is not even looked at.
    private static ProxyRefusal? RefusalOf(X509Certificate2 certificate, X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (chain.ChainElements.Count == 0 || (status & ~(WrongTime | WrongUse)) != 0)
        {
            return ProxyRefusal.Untrusted;
        }

        if (status.HasFlag(WrongTime))
        {
            var now = chain.ChainPolicy.VerificationTime.ToUniversalTime();
            return now >= certificate.NotAfter.ToUniversalTime() ? ProxyRefusal.Expired
                : now < certificate.NotBefore.ToUniversalTime() ? ProxyRefusal.NotYetValid
                : ProxyRefusal.Untrusted;
        }

        if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority))
        {
            return ProxyRefusal.CertificateAuthority;
        }

        return status.HasFlag(WrongUse) || !SaysClient(certificate) ? ProxyRefusal.NotForClients : null;
    }

    // Building the chain takes a certificate that says nothing about its use for one of any use.
    private static bool SaysClient(X509Certificate2 certificate)
        => certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>())
            .Any(usage => usage.Value is LeafProfile.ClientAuthentication);

    private ProxyVerification Read(X509Certificate2 certificate)
    {
        if (!SubjectAlternativeNames.TryReadUris(certificate, out var uris))
        {
            return ProxyVerification.Refuse(ProxyRefusal.Malformed);
        }

        if (uris is not [var uri])
        {
            return ProxyVerification.Refuse(uris.IsEmpty ? ProxyRefusal.NoUri : ProxyRefusal.SeveralUris);
        }

        // Printing it again must give the same text: an id that can be written in two ways would be two keys for one proxy.
        if (!ProxyIdentity.TryParse(uri, out var identity)
            || !string.Equals(identity.SpiffeId, uri, StringComparison.Ordinal)
            || !LeafProfile.IsWellFormed(identity.Workload))
        {
            return ProxyVerification.Refuse(ProxyRefusal.NotAProxy);
        }

        return Current().Bundle.TrustDomains.Contains(identity.Workload.TrustDomain, StringComparer.Ordinal)
            ? ProxyVerification.Accept(identity)
            : ProxyVerification.Refuse(ProxyRefusal.ForeignTrustDomain);
    }

    private sealed class Anchors
    {
        public Anchors(TrustBundle bundle)
        {
            Bundle = bundle;
            Roots.ImportFromPem(bundle.Pem);
        }

        public TrustBundle Bundle { get; }

        public X509Certificate2Collection Roots { get; } = [];
    }
}
