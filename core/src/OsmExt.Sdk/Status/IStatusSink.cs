using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Status;

/// <summary>Where objects' statuses are written: beside files, or to the objects themselves.</summary>
public interface IStatusSink
{
    /// <summary>What was written last, so that times of transition survive a restart. What cannot be read is as if it were not there.</summary>
    Task<IReadOnlyList<ObjectStatus>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes what has changed, and takes away what is gone. If it fails, all of it is handed over again later, with what has changed meanwhile.</summary>
    /// <param name="changed">Statuses that differ from what was written before.</param>
    /// <param name="gone">Objects that are no longer there.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task WriteAsync(IReadOnlyList<ObjectStatus> changed, IReadOnlyList<ResourceKey> gone, CancellationToken cancellationToken);
}
