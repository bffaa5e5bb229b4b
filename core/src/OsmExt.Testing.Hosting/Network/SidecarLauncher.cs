using System.Net;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler.Translation;
using OsmExt.DataPlane;
using OsmExt.Envoy;
using OsmExt.Identity;
using OsmExt.Sdk.Identity;

namespace OsmExt.Testing.Hosting.Network;

/// <summary>Starts sidecars: with a credential of the mesh's own authority, towards its xDS port, and with the mesh's network.</summary>
internal sealed class SidecarLauncher(DirectoryInfo folder, CertificateAuthority authority, IPEndPoint controlPlane, MeshNetwork network, TimeProvider time, int seed, ILoggerFactory logs)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);

    /// <summary>The control plane's port.</summary>
    public int Port => controlPlane.Port;

    /// <summary>Starts one, and waits until everything it has at first is in force.</summary>
    /// <exception cref="TimeoutException">Nothing came.</exception>
    public async Task<EmbeddedProxy> StartAsync(NetworkPod pod, ProxyIdentity identity)
    {
        var credentials = new CredentialPaths(folder.CreateSubdirectory($"{identity.Uuid:N}").FullName);
        Renew(identity);
        var proxy = await EmbeddedProxy.StartAsync(new()
        {
            Bootstrap = EnvoyJson.ToYaml(BootstrapConfig.Build(identity, new(controlPlane.Address.ToString(), controlPlane.Port), credentials)),
            HasAdmin = false,
            Time = time,
            Logs = logs,
            Hostname = pod.Name,
            Traffic = new()
            {
                Binds = false,
                EndsIdle = true,
                Dialer = pod,
                Resolve = (name, _) => Task.FromResult<IPAddress[]>([.. network.Resolve(name, 0, pod.Namespace)]),
                Chance = new(new Random(seed)),
            },
        }).ConfigureAwait(false);
        try
        {
            await proxy.Live.WaitAsync(Bound, TimeProvider.System).ConfigureAwait(false);
            return proxy;
        }
        catch (TimeoutException)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
            throw new TimeoutException($"The sidecar of {pod.Name} has not got its configuration within {Bound}.");
        }
    }

    /// <summary>Writes what a sidecar proves itself to the control plane with, and whom it believes.</summary>
    public void Renew(ProxyIdentity identity)
    {
        var directory = folder.CreateSubdirectory($"{identity.Uuid:N}").FullName;
        var paths = new CredentialPaths(directory);
        var issued = authority.Issue(identity, Validity);
        Replace(paths.Trust, CredentialFiles.Trust(authority.XdsBundle));
        Replace(paths.Certificate, CredentialFiles.Certificate(issued.ChainPem, issued.PrivateKeyPem));
    }

    private static void Replace(string path, SecretBytes content)
    {
        File.WriteAllBytes($"{path}.new", content.Reveal().ToArray());
        File.Move($"{path}.new", path, overwrite: true);
    }
}
