using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace OsmExt.Cli.Cluster;

/// <summary>A mesh in a cluster, known by its control plane's Deployment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its control plane's namespace.</param>
/// <param name="Version">Its control plane's version; empty when the Deployment does not say it.</param>
internal sealed record ClusterMesh(string Name, string Namespace, string Version)
{
    /// <summary>All of a cluster. Where the user may not look into every namespace, those of the control plane's namespace.</summary>
    public static async Task<IReadOnlyList<ClusterMesh>> AllAsync(ClusterSession session, CancellationToken cancellation)
    {
        const string selector = $"{MeshNames.App}={MeshNames.Controller}";
        V1DeploymentList found;
        try
        {
            found = await session.Api.AppsV1.ListDeploymentForAllNamespacesAsync(labelSelector: selector, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (HttpOperationException failure) when (failure.Is(HttpStatusCode.Forbidden))
        {
            found = await session.Api.AppsV1.ListNamespacedDeploymentAsync(session.OsmNamespace, labelSelector: selector, cancellationToken: cancellation).ConfigureAwait(false);
        }

        return [.. found.Items.Select(Of).OrderBy(mesh => mesh.Name, StringComparer.Ordinal).ThenBy(mesh => mesh.Namespace, StringComparer.Ordinal)];
    }

    /// <summary>The one of a name.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static async Task<ClusterMesh> FindAsync(ClusterSession session, string name, CancellationToken cancellation)
    {
        var all = await AllAsync(session, cancellation).ConfigureAwait(false);
        return all.FirstOrDefault(mesh => mesh.Name == name) ?? throw new CommandException(
            $"there is no mesh {name} in {session.Connection.Name}{(all.Count == 0 ? "; osm install makes one" : $"; there is {string.Join(", ", all.Select(mesh => mesh.Name))}: choose with --mesh-name")}",
            ExitCode.UnusableInput);
    }

    /// <summary>The namespaces it includes.</summary>
    public async Task<IReadOnlyList<string>> NamespacesAsync(ClusterSession session, CancellationToken cancellation)
    {
        var found = await session.Api.CoreV1.ListNamespaceAsync(labelSelector: $"{MeshNames.MonitoredBy}={Name}", cancellationToken: cancellation).ConfigureAwait(false);
        return [.. found.Items.Select(ns => ns.Metadata.Name).Order(StringComparer.Ordinal)];
    }

    private static ClusterMesh Of(V1Deployment deployment)
        => new(deployment.GetLabel(MeshNames.MeshName) ?? deployment.Metadata.Name, deployment.Metadata.NamespaceProperty, deployment.GetLabel(MeshNames.Version) ?? "");
}
