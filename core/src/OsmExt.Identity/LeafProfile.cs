using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>What a leaf certificate says: whom it names and which side of TLS it may take.</summary>
internal sealed record LeafProfile
{
    public const string Organization = "Open Service Mesh";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    // RFC 5280's upper bound of a common name; OpenSSL refuses longer ones.
    private const int LongestCommonName = 64;

    private readonly string? _spiffeId;
    private readonly string[] _dnsNames;
    private readonly string[] _usages;

    private LeafProfile(string? spiffeId, string dnsName, params string[] usages)
        : this(spiffeId, [dnsName], usages)
    {
    }

    private LeafProfile(string? spiffeId, string[] dnsNames, string[] usages)
    {
        _spiffeId = spiffeId;
        _dnsNames = dnsNames;
        _usages = usages;
    }

    public static LeafProfile For(WorkloadIdentity workload)
    {
        Check(workload);
        return new(workload.SpiffeId, workload.DnsName, ServerAuthentication, ClientAuthentication);
    }

    /// <summary>For clients only: a proxy's credential serves nobody.</summary>
    public static LeafProfile For(ProxyIdentity proxy)
    {
        Check(proxy.Workload);
        return new(proxy.SpiffeId, proxy.NodeId, ClientAuthentication);
    }

    /// <summary>For servers only.</summary>
    /// <param name="server">Who it is.</param>
    /// <param name="names">Further names it is called by.</param>
    public static LeafProfile For(XdsServerIdentity server, params IReadOnlyList<string> names)
        => DnsNames.IsName(server.TrustDomain) && names.All(DnsNames.IsName)
            ? new(server.SpiffeId, [server.DnsName, .. names], [ServerAuthentication])
            : throw new ArgumentException($"Not a trust domain: '{server.TrustDomain}'.", nameof(server));

    /// <summary>
    /// For somebody outside the mesh who proves an identity of it, names besides, or both. By names alone it is nobody whom access rules of the
    /// mesh could mean, since these compare SPIFFE ids.
    /// </summary>
    public static LeafProfile ForOutsider(WorkloadIdentity? identity, IReadOnlyList<string> dnsNames, bool isClient, bool isServer)
    {
        if (identity is not null)
        {
            Check(identity);
        }

        string[] names = [.. (identity is null ? [] : new[] { identity.DnsName }).Concat(dnsNames).Distinct(StringComparer.Ordinal)];
        return names.Length > 0 && dnsNames.All(DnsNames.IsName) && (isClient || isServer)
            ? new(identity?.SpiffeId, names, [.. isServer ? [ServerAuthentication] : Array.Empty<string>(), .. isClient ? [ClientAuthentication] : Array.Empty<string>()])
            : throw new ArgumentException($"Not names a certificate can carry: '{string.Join(", ", dnsNames)}'.", nameof(dnsNames));
    }

    /// <summary>
    /// Whether the names can be part of a SPIFFE id. A slash in one of them would make a certificate that says somebody else.
    /// </summary>
    public static bool IsWellFormed(WorkloadIdentity workload)
        => DnsNames.IsName(workload.TrustDomain) && DnsNames.IsLabel(workload.Namespace) && DnsNames.IsSubdomain(workload.ServiceAccount);

    /// <param name="key">ECDSA or RSA.</param>
    public CertificateRequest ToRequest(AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest(NewSubject(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(NewSubject(), (ECDsa)key, HashAlgorithmName.SHA256);
        var usages = new OidCollection();
        foreach (var usage in _usages)
        {
            usages.Add(new Oid(usage));
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));

        // No encipherment, also with RSA: a key exchange without forward secrecy is not to be had with these certificates.
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));

        // Service account names may be longer than DNS takes. Such a workload is known by its SPIFFE id alone.
        request.CertificateExtensions.Add(SubjectAlternativeNames.Encode(_spiffeId, _dnsNames.Where(DnsNames.IsName)));
        return request;
    }

    // The builder encodes what was added last first, and the common name goes last.
    private X500DistinguishedName NewSubject()
    {
        var name = new X500DistinguishedNameBuilder();
        if (_dnsNames[0].Length <= LongestCommonName)
        {
            name.AddCommonName(_dnsNames[0]);
        }

        name.AddOrganizationName(Organization);
        return name.Build();
    }

    private static void Check(WorkloadIdentity workload)
    {
        if (!IsWellFormed(workload))
        {
            throw new ArgumentException($"Not a name a certificate can carry: '{workload.SpiffeId}'.", nameof(workload));
        }
    }
}
