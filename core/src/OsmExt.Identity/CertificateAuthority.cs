using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>
/// Issues the certificates of one mesh from its roots: for workloads, for proxies towards the control plane and for the
/// control plane towards proxies. Which root issues what, and in which trust domain, can change while it works. Safe on any number of threads.
/// </summary>
/// <param name="roots">Owned by the caller.</param>
/// <param name="home">The trust domain that identities are written in by whoever asks; it issues for no other.</param>
/// <param name="time">Tells validity.</param>
internal sealed class CertificateAuthority(RootsInUse roots, string home, TimeProvider time)
{
    private const int VersionBytes = 12;

    private volatile Issuance _now = new(roots);

    /// <param name="root">The only one.</param>
    /// <param name="trustDomain">Certificates are issued for no other.</param>
    /// <param name="time">Tells validity.</param>
    public CertificateAuthority(RootCertificate root, string trustDomain, TimeProvider time)
        : this(new RootsInUse(root, [root], root, [root], DomainState.Only(trustDomain)), trustDomain, time)
    {
    }

    /// <summary>What workloads verify each other's certificates with.</summary>
    public TrustBundle Bundle => _now.Bundle;

    /// <summary>What proxies and the control plane verify each other's certificates with.</summary>
    public TrustBundle XdsBundle => _now.XdsBundle;

    /// <summary>Who the control plane is towards proxies.</summary>
    public XdsServerIdentity XdsServer => new(_now.Roots.Domains.XdsServer);

    /// <summary>When the root that signs, and with it everything it issues, ends.</summary>
    public DateTimeOffset NotAfter => _now.Roots.Signing.Window.NotAfter;

    /// <summary>Which root signs: another one means that what was issued before should be replaced.</summary>
    public string Issuer => _now.Roots.Signing.KeyId;

    /// <summary>Which root issues the control plane's own certificates.</summary>
    public string XdsIssuer => _now.Roots.XdsServer.KeyId;

    /// <summary>Everything issued from now on is issued by these.</summary>
    public void Use(RootsInUse next) => _now = new(next);

    public WorkloadCertificate Issue(WorkloadIdentity identity, TimeSpan validity)
        => Issue(identity, RotationSchedule.For(identity.SpiffeId, validity).At(time.GetUtcNow()), KeyType.EcdsaP256);

    /// <summary>The certificate of an epoch, for a key made for it.</summary>
    public WorkloadCertificate Issue(WorkloadIdentity identity, RotationEpoch epoch, KeyType type)
    {
        using var key = type.NewKey();
        return Issue(identity, epoch, key);
    }

    /// <summary>The certificate of an epoch; see <see cref="RotationSchedule"/> for what holds of its validity.</summary>
    /// <param name="identity">Whom it names.</param>
    /// <param name="epoch">When it is valid.</param>
    /// <param name="key">The workload's, for this certificate only; stays the caller's to dispose.</param>
    public WorkloadCertificate Issue(WorkloadIdentity identity, RotationEpoch epoch, AsymmetricAlgorithm key)
    {
        RequireOwn(identity.TrustDomain);
        var roots = _now.Roots;
        var (root, named) = (roots.Signing, identity.In(roots.Domains.Issuing));
        using var leaf = Sign(root, LeafProfile.For(named), key, epoch.Window);
        var window = epoch.Window.Within(root.Window);
        return new(identity, PemText.Of(leaf), PemText.Of(key), window.NotBefore, window.NotAfter, VersionOf(named, root, KeyType.Of(key), epoch, window));
    }

    /// <summary>The credential one proxy presents on the xDS connection. It names the proxy as the issuing trust domain calls it.</summary>
    public ProxyCertificate Issue(ProxyIdentity proxy, TimeSpan validity)
    {
        RequireOwn(proxy.Workload.TrustDomain);
        var roots = _now.Roots;
        var (root, named) = (roots.Signing, proxy.In(roots.Domains.Issuing));
        var limited = RotationSchedule.Limit(validity);
        var window = ValidityWindow.Starting(time.GetUtcNow(), limited).Within(root.Window);
        using var key = NewKey();
        using var leaf = Sign(root, LeafProfile.For(named), key, window);
        return new(named, PemText.Of(leaf), PemText.Of(key), window.NotBefore, window.NotAfter);
    }

    /// <summary>What somebody outside the mesh presents, with an identity as the issuing trust domain calls it, names, or both.</summary>
    public GatewayCredential IssueOutsider(WorkloadIdentity? identity, IReadOnlyList<string> dnsNames, bool isClient, bool isServer, RotationEpoch epoch)
    {
        if (identity is not null)
        {
            RequireOwn(identity.TrustDomain);
        }

        var roots = _now.Roots;
        using var key = NewKey();
        using var leaf = Sign(roots.Signing, LeafProfile.ForOutsider(identity?.In(roots.Domains.Issuing), dnsNames, isClient, isServer), key, epoch.Window);
        return new(PemText.Of(leaf), PemText.Of(key), epoch.Window.Within(roots.Signing.Window));
    }

    /// <summary>The certificate the control plane presents, with its key; the caller's to dispose.</summary>
    /// <param name="epoch">When it is valid.</param>
    /// <param name="names">Names it is called by on a port that others than proxies know; none on the xDS port.</param>
    public X509Certificate2 IssueXdsServer(RotationEpoch epoch, params IReadOnlyList<string> names)
    {
        var roots = _now.Roots;
        using var key = NewKey();
        using var leaf = Sign(roots.XdsServer, LeafProfile.For(new XdsServerIdentity(roots.Domains.XdsServer), names), key, epoch.Window);
        return leaf.CopyWithPrivateKey(key);
    }

    /// <summary>The credential of a proxy that keeps its key to itself: of what it sent, only the key is in it.</summary>
    /// <param name="proxy">Whom it names, as somebody else has established.</param>
    /// <param name="publicKey">The proxy's; stays the caller's to dispose.</param>
    /// <param name="validity">How long it is valid.</param>
    public (ProxyIdentity Identity, string ChainPem, ValidityWindow Window) IssueFor(ProxyIdentity proxy, ECDsa publicKey, TimeSpan validity)
    {
        RequireOwn(proxy.Workload.TrustDomain);
        var roots = _now.Roots;
        var named = proxy.In(roots.Domains.Issuing);
        var window = ValidityWindow.Starting(time.GetUtcNow(), RotationSchedule.Limit(validity)).Within(roots.Signing.Window);
        using var leaf = Sign(roots.Signing, LeafProfile.For(named), publicKey, window);
        return (named, PemText.Of(leaf), window);
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private X509Certificate2 Sign(RootCertificate root, LeafProfile profile, AsymmetricAlgorithm key, ValidityWindow window)
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
        if (!string.Equals(other, home, StringComparison.Ordinal))
        {
            throw new ArgumentException($"Trust domain '{other}' is not ours, '{home}'.", nameof(other));
        }
    }

    // The end of validity is part of it since an epoch's certificate is cut short at the root's end: one that was cut must not
    // stand in for one issued after the root was renewed with the same key.
    private static string VersionOf(WorkloadIdentity identity, RootCertificate root, KeyType key, RotationEpoch epoch, ValidityWindow window)
    {
        var text = FormattableString.Invariant(
            $"{identity.SpiffeId}\n{root.KeyId}\n{key}\n{epoch.Validity.Ticks}\n{epoch.Index}\n{window.NotAfter.ToUnixTimeSeconds()}");
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return Convert.ToHexStringLower(digest[..VersionBytes]);
    }

    private sealed record Issuance(RootsInUse Roots)
    {
        public TrustBundle Bundle { get; } = new(Roots.Domains.Issuing, [.. Roots.Trusted.Select(root => root.Pem)])
        {
            TrustDomains = Roots.Domains.Accepted,
        };

        public TrustBundle XdsBundle { get; } = new(Roots.Domains.Issuing, [.. Roots.XdsTrusted.Select(root => root.Pem)])
        {
            TrustDomains = Roots.Domains.XdsAccepted,
        };
    }
}

/// <summary>What a gateway presents.</summary>
/// <param name="ChainPem">Leaf first, then intermediates; no root.</param>
/// <param name="PrivateKeyPem">The leaf's key, PKCS#8.</param>
/// <param name="Window">When it is valid.</param>
internal sealed record GatewayCredential(string ChainPem, SecretBytes PrivateKeyPem, ValidityWindow Window);

/// <summary>Which roots do what, and in which trust domains.</summary>
/// <param name="Signing">Issues to workloads and proxies.</param>
/// <param name="Trusted">What workloads believe.</param>
/// <param name="XdsServer">Issues the xDS port's own certificate.</param>
/// <param name="XdsTrusted">What is believed on the xDS port, by both sides.</param>
/// <param name="Domains">Which trust domain counts where.</param>
internal sealed record RootsInUse(
    RootCertificate Signing, EquatableArray<RootCertificate> Trusted, RootCertificate XdsServer, EquatableArray<RootCertificate> XdsTrusted, DomainState Domains);
