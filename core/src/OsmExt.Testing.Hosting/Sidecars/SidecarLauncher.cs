using System.Net;
using OsmExt.Compiler.Translation;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;
using OsmExt.Testing.Hosting.Network;

namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>Starts sidecars: with a credential of the mesh's own authority, and towards its xDS port.</summary>
internal sealed class SidecarLauncher(DirectoryInfo folder, CertificateAuthority authority, IPEndPoint controlPlane, IDataPlane dataPlane)
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);

    /// <summary>The control plane's port.</summary>
    public int Port => controlPlane.Port;

    public IDataPlane DataPlane => dataPlane;

    /// <summary>Starts one, and waits until everything it has at first is in force.</summary>
    /// <exception cref="TimeoutException">Nothing came.</exception>
    public Task<ISidecar> StartAsync(NetworkPod pod, ProxyIdentity identity)
    {
        Renew(identity);
        var own = FolderOf(identity);
        return dataPlane.StartAsync(new(
            pod, identity, BootstrapConfig.Build(identity, new(controlPlane.Address.ToString(), controlPlane.Port), new(own.FullName)), own));
    }

    /// <summary>Writes what a sidecar proves itself to the control plane with, and whom it believes.</summary>
    public void Renew(ProxyIdentity identity)
    {
        var paths = new CredentialPaths(FolderOf(identity).FullName);
        var issued = authority.Issue(identity, Validity);
        Replace(paths.Trust, CredentialFiles.Trust(authority.XdsBundle));
        Replace(paths.Certificate, CredentialFiles.Certificate(issued.ChainPem, issued.PrivateKeyPem));
    }

    private DirectoryInfo FolderOf(ProxyIdentity identity) => folder.CreateSubdirectory($"{identity.Uuid:N}");

    private static void Replace(string path, SecretBytes content)
    {
        File.WriteAllBytes($"{path}.new", content.Reveal().ToArray());
        File.Move($"{path}.new", path, overwrite: true);
    }
}
