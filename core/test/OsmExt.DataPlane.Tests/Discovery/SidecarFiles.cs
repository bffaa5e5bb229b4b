using System.Net;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.DataPlane.Tests.Discovery;

/// <summary>A sidecar's bootstrap and credentials, as <c>osm bootstrap</c> makes them.</summary>
internal sealed class SidecarFiles : IDisposable
{
    private readonly DirectoryInfo _credentials = Directory.CreateTempSubdirectory("osm-sidecar-");
    private readonly ProxyIdentity _identity;

    /// <param name="identity">Whose.</param>
    /// <param name="plane">Who issues the certificate; null to write none yet.</param>
    public SidecarFiles(ProxyIdentity identity, RunningControlPlane? plane)
    {
        _identity = identity;
        if (plane is not null)
        {
            Write(plane);
        }
    }

    public string Bootstrap(DnsEndPoint controlPlane) => EnvoyJson.ToYaml(BootstrapConfig.Build(_identity, controlPlane, new CredentialPaths(_credentials.FullName)));

    /// <summary>Issues a certificate and writes it, with whom to believe.</summary>
    public void Write(RunningControlPlane plane)
    {
        var authority = plane.Get<CertificateAuthority>();
        var issued = authority.Issue(_identity, TimeSpan.FromDays(30));
        var paths = new CredentialPaths(_credentials.FullName);
        File.WriteAllBytes(paths.Trust, CredentialFiles.Trust(authority.XdsBundle).Reveal().ToArray());
        File.WriteAllBytes(paths.Certificate, CredentialFiles.Certificate(issued.ChainPem, issued.PrivateKeyPem).Reveal().ToArray());
    }

    public void Dispose() => _credentials.Delete(recursive: true);
}
