using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>One of the things a cluster does by itself.</summary>
internal interface IUpkeep
{
    /// <summary>Whether there may be something to do after a change.</summary>
    bool Concerns(Change change);

    /// <summary>Does what is due.</summary>
    Task ActAsync(StoreState state, CancellationToken stop);
}
