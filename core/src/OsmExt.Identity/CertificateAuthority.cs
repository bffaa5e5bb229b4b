using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>
/// Issues the certificates of one trust domain from its roots: for workloads, for proxies towards the control plane and for the
/// control plane towards proxies. Which root issues what can change while it works. Safe on any number of threads.
/// </summary>
/// <param name="roots">Owned by the caller.</param>
/// <param name="trustDomain">Certificates are issued for no other.</param>
/// <param name="time">Tells validity.</param>
internal sealed class CertificateAuthority(RootsInUse roots, string trustDomain, TimeProvider time)
{
    private const string KeyAlgorithm = "ecdsa-p256";
    private const int VersionBytes = 12;

    private volatile Issuance _now = new(roots, trustDomain);

    /// <param name="root">The only one.</param>
    /// <param name="trustDomain">Certificates are issued for no other.</param>
    /// <param name="time">Tells validity.</param>
    public CertificateAuthority(RootCertificate root, string trustDomain, TimeProvider time)
        : this(new RootsInUse(root, [root], root, [root]), trustDomain, time)
    {
    }

    /// <summary>What workloads verify each other's certificates with.</summary>
    public TrustBundle Bundle => _now.Bundle;

    /// <summary>What proxies and the control plane verify each other's certificates with.</summary>
    public TrustBundle XdsBundle => _now.XdsBundle;

    /// <summary>Who the control plane is towards proxies.</summary>
    public XdsServerIdentity XdsServer { get; } = new(trustDomain);

    /// <summary>When the root that signs, and with it everything it issues, ends.</summary>
    public DateTimeOffset NotAfter => _now.Roots.Signing.Window.NotAfter;

    /// <summary>Everything issued from now on is issued by these.</summary>
    public void Use(RootsInUse next) => _now = new(next, trustDomain);

    public WorkloadCertificate Issue(WorkloadIdentity identity, TimeSpan validity)
        => Issue(identity, RotationSchedule.For(identity.SpiffeId, validity).At(time.GetUtcNow()));

    /// <summary>The certificate of an epoch; see <see cref="RotationSchedule"/> for what holds of its validity.</summary>
    public WorkloadCertificate Issue(WorkloadIdentity identity, RotationEpoch epoch)
    {
        RequireOwn(identity.TrustDomain);
        var root = _now.Roots.Signing;
        using var key = NewKey();
        using var leaf = Sign(root, LeafProfile.For(identity), key, epoch.Window);
        var window = epoch.Window.Within(root.Window);
        return new(identity, PemText.Of(leaf), PemText.Of(key), window.NotBefore, window.NotAfter, VersionOf(identity, root, epoch, window));
    }

    /// <summary>The credential one proxy presents on the xDS connection.</summary>
    public ProxyCertificate Issue(ProxyIdentity proxy, TimeSpan validity)
    {
        RequireOwn(proxy.Workload.TrustDomain);
        var root = _now.Roots.Signing;
        var limited = RotationSchedule.Limit(validity);
        var window = ValidityWindow.Starting(time.GetUtcNow(), limited).Within(root.Window);
        using var key = NewKey();
        using var leaf = Sign(root, LeafProfile.For(proxy), key, window);
        return new(proxy, PemText.Of(leaf), PemText.Of(key), window.NotBefore, window.NotAfter);
    }

    /// <summary>The certificate the xDS port presents, with its key; the caller's to dispose.</summary>
    public X509Certificate2 IssueXdsServer(RotationEpoch epoch)
    {
        using var key = NewKey();
        using var leaf = Sign(_now.Roots.XdsServer, LeafProfile.For(XdsServer), key, epoch.Window);
        return leaf.CopyWithPrivateKey(key);
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private X509Certificate2 Sign(RootCertificate root, LeafProfile profile, ECDsa key, ValidityWindow window)
    {
        var now = time.GetUtcNow();
        if (now >= root.Window.NotAfter)
        {
            throw new CertificateAuthorityException(
                CertificateAuthorityError.RootExpired,
                $"The root certificate ended at {root.Window.NotAfter:u}. Replace it, and give every proxy a new bootstrap.");
        }

        if (now < root.Window.NotBefore)
        {
            throw new CertificateAuthorityException(
                CertificateAuthorityError.RootNotYetValid,
                $"The root certificate begins at {root.Window.NotBefore:u}, and it is {now:u}. Set the clock right.");
        }

        return root.Sign(profile.ToRequest(key), window);
    }

    private void RequireOwn(string other)
    {
        if (!string.Equals(other, trustDomain, StringComparison.Ordinal))
        {
            throw new ArgumentException($"Trust domain '{other}' is not ours, '{trustDomain}'.", nameof(other));
        }
    }

    // The end of validity is part of it since an epoch's certificate is cut short at the root's end: one that was cut must not
    // stand in for one issued after the root was renewed with the same key.
    private static string VersionOf(WorkloadIdentity identity, RootCertificate root, RotationEpoch epoch, ValidityWindow window)
    {
        var text = FormattableString.Invariant(
            $"{identity.SpiffeId}\n{root.KeyId}\n{KeyAlgorithm}\n{epoch.Validity.Ticks}\n{epoch.Index}\n{window.NotAfter.ToUnixTimeSeconds()}");
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return Convert.ToHexStringLower(digest[..VersionBytes]);
    }

    private sealed record Issuance(RootsInUse Roots, string TrustDomain)
    {
        public TrustBundle Bundle { get; } = new(TrustDomain, [.. Roots.Trusted.Select(root => root.Pem)]);

        public TrustBundle XdsBundle { get; } = new(TrustDomain, [.. Roots.XdsTrusted.Select(root => root.Pem)]);
    }
}

/// <summary>Which roots do what.</summary>
/// <param name="Signing">Issues to workloads and proxies.</param>
/// <param name="Trusted">What workloads believe.</param>
/// <param name="XdsServer">Issues the xDS port's own certificate.</param>
/// <param name="XdsTrusted">What is believed on the xDS port, by both sides.</param>
internal sealed record RootsInUse(
    RootCertificate Signing, EquatableArray<RootCertificate> Trusted, RootCertificate XdsServer, EquatableArray<RootCertificate> XdsTrusted);
