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
/// Gives proxies the certificates that <c>osm proxy credentials</c> would write for them, from the same roots on disk; issuing them is not the measured process's work. Like
/// whoever keeps credentials' files it follows a change of roots, and like Envoy a proxy has what is new at its next handshake.
/// </summary>
internal sealed class FleetCredentials
{
    private static readonly string Home = new CompilerOptions().TrustDomain;
    private readonly RootDirectory _roots;
    private readonly Lock _lock = new();
    private Source _source;

    public FleetCredentials(string stateDirectory)
    {
        _roots = new(stateDirectory, TimeProvider.System, NullLogger<CaDirectory>.Instance);
        _source = Source.Open(_roots);
    }

    /// <summary>The one a proxy has, or a new one when roots have changed since.</summary>
    /// <param name="proxy">Whose.</param>
    /// <param name="held">The one it has.</param>
    public FleetCredential Renew(ProxyIdentity proxy, FleetCredential? held)
    {
        var source = Current();
        return held?.By == source.State ? held : source.Issue(proxy);
    }

    private Source Current()
    {
        var state = _roots.Read(Home);
        lock (_lock)
        {
            return _source = state is null || state == _source.State ? _source : Source.Open(_roots);
        }
    }

    private sealed record Source(RootState State, CertificateAuthority Authority, X509ChainPolicy Trust)
    {
        public static Source Open(RootDirectory directory)
        {
            var roots = MeshRoots.Open(directory, Home, TimeProvider.System);
            var trust = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            trust.CustomTrustStore.ImportFromPem(roots.Authority.XdsBundle.Pem);
            return new(roots.State, roots.Authority, trust);
        }

        public FleetCredential Issue(ProxyIdentity proxy)
        {
            var issued = Authority.Issue(proxy, TimeSpan.FromDays(1));
            var certificate = X509Certificate2.CreateFromPem(issued.ChainPem, Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span));
            var server = Authority.XdsServer.DnsName;
            return new(State, server, new()
            {
                TargetHost = server,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                CertificateChainPolicy = Trust,
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            });
        }
    }
}

/// <summary>What a proxy presents to the control plane, and what it believes of it.</summary>
/// <param name="By">Which roots did what when it was issued.</param>
/// <param name="ServerName">The name in the control plane's certificate.</param>
/// <param name="Tls">Both, for a handshake.</param>
internal sealed record FleetCredential(RootState By, string ServerName, SslClientAuthenticationOptions Tls);
