using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.Identity;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Identity;
using OsmExt.Testing.Xds;

namespace OsmExt.Benchmarks;

/// <summary>Proxies of a cluster's pods, which do on their streams what Envoys do. Their certificates are by the root that the control plane keeps in the cluster.</summary>
internal sealed class ClusterProxies : IAsyncDisposable
{
    // More at once would only measure the queue.
    private const int AtOnce = 8;

    private readonly List<TestProxy> _proxies = [];

    private ClusterProxies()
    {
    }

    /// <summary>Connects the proxies of the first pods, and waits until each has everything.</summary>
    public static async Task<ClusterProxies> ConnectAsync(string kubeconfig, Uri xds, int count, int podsOfAService)
    {
        var connection = await ClusterConnection.FindAsync(new() { Kubeconfig = kubeconfig }, CancellationToken.None);
        using var client = new ClusterClient(connection.CreateClient(), TimeProvider.System);
        using var roots = MeshRoots.Open(
            new ClusterRoots(client, new() { Connection = connection, Replica = "" }, new(), TimeProvider.System, NullLogger<ClusterRoots>.Instance), "cluster.local", TimeProvider.System);
        var connected = new ClusterProxies();
        foreach (var batch in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            var proxies = batch.Select(pod => New(roots.Authority, xds, pod, pod / podsOfAService)).ToArray();
            connected._proxies.AddRange(proxies);
            await Task.WhenAll(proxies.Select(proxy => proxy.UntilAsync(() => proxy.IsComplete)));
        }

        return connected;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private static TestProxy New(CertificateAuthority authority, Uri xds, int pod, int service)
    {
        var uuid = Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{pod:x12}"));
        var identity = new ProxyIdentity(uuid, new("cluster.local", "shop", string.Create(CultureInfo.InvariantCulture, $"account-{service}")));
        var issued = authority.Issue(identity, TimeSpan.FromDays(1));
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPem(authority.XdsBundle.Pem);
        return new(
            new(xds, new()
            {
                ClientCertificate = X509Certificate2.CreateFromPem(issued.ChainPem, Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span)),
                TrustedRoots = trusted, ServerName = authority.XdsServer.DnsName, NodeId = identity.NodeId,
            }), "delta");
    }
}
