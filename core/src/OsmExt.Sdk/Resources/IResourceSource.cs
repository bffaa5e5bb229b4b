namespace OsmExt.Sdk.Resources;

/// <summary>Where the mesh's objects come from: a cluster, or a directory of manifests.</summary>
public interface IResourceSource
{
    /// <summary>
    /// Lists everything, then goes on with what changes, until cancelled. It ends only by cancellation; trouble with the
    /// outside world is retried inside and reported as diagnostics.
    /// </summary>
    IAsyncEnumerable<ResourceBatch> WatchAsync(CancellationToken cancellationToken);
}
