using OsmExt.Cli.Clusters;
using OsmExt.Cli.Local;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Applying;

/// <summary>A local mesh: copies beside its own manifests, from where they also go to its API server if it has one.</summary>
internal sealed class LocalDestination(LocalMeshView mesh, TimeProvider time) : IDestination
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public IReadOnlyList<ResourceKey> Gone { get; private set; } = [];

    public string WhenNotRead => "another file of the mesh may define the same objects, and then the first counts; osm status and the control plane's log say more";

    /// <summary>How many objects are different from before.</summary>
    public int Changes { get; private set; }

    public async Task<string> PutAsync(GivenManifests manifests, CancellationToken cancellation)
    {
        var rounds = mesh.Brought.Rounds;
        var before = Manifests.Load([LocalPaths.Applied(mesh.Name)]).AllObjects().ToDictionary(found => found.Key);
        LocalApplied.Put(mesh.Name, manifests.Source);
        var after = Manifests.Load([LocalPaths.Applied(mesh.Name)]).AllObjects().ToDictionary(found => found.Key);
        Gone = [.. before.Keys.Except(after.Keys)];
        Changes = before.Keys.Union(after.Keys).Count(key => !Equals(before.GetValueOrDefault(key), after.GetValueOrDefault(key)));
        if (mesh.Kubeconfig is not null && Changes > 0)
        {
            await BroughtAsync(manifests, rounds, cancellation).ConfigureAwait(false);
        }

        return Changes == 0 ? $"Nothing of {manifests.Source} is new to mesh {mesh.Name}." : $"{Changes} {(Changes == 1 ? "object" : "objects")} of mesh {mesh.Name} changed.";
    }

    // An API server completes objects, and gives them an id: as it has them, the control plane reads them.
    public async Task<string> ContentAsync(GivenManifests manifests, CancellationToken cancellation)
    {
        if (mesh.Kubeconfig is not { } kubeconfig)
        {
            return manifests.Written;
        }

        var connection = await ClusterConnection.FindAsync(new() { Kubeconfig = kubeconfig }, cancellation).ConfigureAwait(false);
        using var session = new ClusterSession(connection, connection.CreateClient(), OsmSettings.Current.Namespace);
        return GivenManifests.Text(await new ClusterDestination(session).ReadAsync(manifests.Objects, cancellation).ConfigureAwait(false));
    }

    private async Task BroughtAsync(GivenManifests manifests, int rounds, CancellationToken cancellation)
    {
        while (mesh.Brought.Rounds <= rounds)
        {
            await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
        }

        // What an API server does not take never gets as far as the control plane.
        var keys = manifests.Read.AllObjects().Select(manifest => $"{manifest.Key} ").ToArray();
        if (mesh.Brought.Problems.Where(problem => keys.Any(key => problem.StartsWith(key, StringComparison.Ordinal))).ToArray() is { Length: > 0 } refused)
        {
            throw new CommandException(string.Join("\nosm: ", refused));
        }
    }
}
