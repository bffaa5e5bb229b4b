using k8s;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Cluster;

/// <summary>A command's connection to a cluster.</summary>
/// <param name="Connection">How it is reached.</param>
/// <param name="Client">The client.</param>
/// <param name="OsmNamespace">The control plane's namespace.</param>
internal sealed record ClusterSession(ClusterConnection Connection, k8s.Kubernetes Client, string OsmNamespace) : IDisposable
{
    /// <summary>The same client as everything that only reads it takes it.</summary>
    public IKubernetes Api => Client;

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
