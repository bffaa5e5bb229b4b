using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.Compiler;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Identity;

namespace OsmExt.Fleet.Proxies;

/// <summary>
/// Gives proxies the certificates that <c>osm proxy credentials</c> would write for them, from the same root on disk; issuing them is not the measured process's work.
/// </summary>
internal sealed class FleetCredentials
{
    private readonly CertificateAuthority _authority;
    private readonly X509ChainPolicy _trust = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    public FleetCredentials(string stateDirectory)
    {
        var roots = new RootDirectory(stateDirectory, TimeProvider.System, NullLogger<CaDirectory>.Instance);
        _authority = MeshRoots.Open(roots, new CompilerOptions().TrustDomain, TimeProvider.System).Authority;
        _trust.CustomTrustStore.ImportFromPem(_authority.XdsBundle.Pem);
        ServerName = _authority.XdsServer.DnsName;
    }

    /// <summary>The name in the control plane's certificate.</summary>
    public string ServerName { get; }

    public SslClientAuthenticationOptions TlsOf(ProxyIdentity proxy)
    {
        var issued = _authority.Issue(proxy, TimeSpan.FromDays(1));
        var certificate = X509Certificate2.CreateFromPem(issued.ChainPem, Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span));
        return new()
        {
            TargetHost = ServerName,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateChainPolicy = _trust,
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
        };
    }
}
