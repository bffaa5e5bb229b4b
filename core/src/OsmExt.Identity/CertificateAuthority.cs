using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>
/// Issues the certificates of one trust domain from its root: for workloads, for proxies towards the control plane and for the
/// control plane towards proxies. Safe on any number of threads.
/// </summary>
/// <param name="root">Owned from now on.</param>
/// <param name="trustDomain">Certificates are issued for no other.</param>
/// <param name="time">Tells validity.</param>
internal sealed class CertificateAuthority(RootCertificate root, string trustDomain, TimeProvider time) : IDisposable
{
    private const string KeyAlgorithm = "ecdsa-p256";
    private const int VersionBytes = 12;

    /// <summary>What peers verify the issued certificates with.</summary>
    public TrustBundle Bundle { get; } = new(trustDomain, [root.Pem]);

    /// <summary>Who the control plane is towards proxies.</summary>
    public XdsServerIdentity XdsServer { get; } = new(trustDomain);

    /// <summary>When the root, and with it everything issued, ends.</summary>
    public DateTimeOffset NotAfter => root.Window.NotAfter;

    public WorkloadCertificate Issue(WorkloadIdentity identity, TimeSpan validity)
        => Issue(identity, RotationSchedule.For(identity.SpiffeId, validity).At(time.GetUtcNow()));

    /// <summary>The certificate of an epoch; see <see cref="RotationSchedule"/> for what holds of its validity.</summary>
    public WorkloadCertificate Issue(WorkloadIdentity identity, RotationEpoch epoch)
    {
        RequireOwn(identity.TrustDomain);
        using var key = NewKey();
        using var leaf = Sign(LeafProfile.For(identity), key, epoch.Window);
        var window = epoch.Window.Within(root.Window);
        return new(identity, PemText.Of(leaf), PemText.Of(key), window.NotBefore, window.NotAfter, VersionOf(identity, epoch, window));
    }

    /// <summary>The credential one proxy presents on the xDS connection.</summary>
    public ProxyCertificate Issue(ProxyIdentity proxy, TimeSpan validity)
    {
        RequireOwn(proxy.Workload.TrustDomain);
        var limited = RotationSchedule.Limit(validity);
        var window = ValidityWindow.Starting(time.GetUtcNow(), limited).Within(root.Window);
        using var key = NewKey();
        using var leaf = Sign(LeafProfile.For(proxy), key, window);
        return new(proxy, PemText.Of(leaf), PemText.Of(key), window.NotBefore, window.NotAfter);
    }

    /// <summary>The certificate the xDS port presents, with its key; the caller's to dispose.</summary>
    public X509Certificate2 IssueXdsServer(RotationEpoch epoch)
    {
        using var key = NewKey();
        using var leaf = Sign(LeafProfile.For(XdsServer), key, epoch.Window);
        return leaf.CopyWithPrivateKey(key);
    }

    public void Dispose() => root.Dispose();

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private X509Certificate2 Sign(LeafProfile profile, ECDsa key, ValidityWindow window)
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
    private string VersionOf(WorkloadIdentity identity, RotationEpoch epoch, ValidityWindow window)
    {
        var text = FormattableString.Invariant(
            $"{identity.SpiffeId}\n{root.KeyId}\n{KeyAlgorithm}\n{epoch.Validity.Ticks}\n{epoch.Index}\n{window.NotAfter.ToUnixTimeSeconds()}");
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return Convert.ToHexStringLower(digest[..VersionBytes]);
    }
}
