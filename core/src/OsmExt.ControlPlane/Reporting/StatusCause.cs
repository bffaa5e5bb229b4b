using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Rejections;
using OsmExt.ControlPlane.Roots;
using OsmExt.PluginHost;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>Tells whether anything has happened that a status may depend on. Used by the pipeline's loop only.</summary>
internal sealed class StatusCause(SnapshotCache cache, RejectionReview rejections, RootRotation rotation, PluginsInForce plugins, ReplicaBoard board, TimeProvider time)
{
    // What depends on time alone shows after this.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>What equals an earlier one has no other statuses.</summary>
    public Mark Now(MeshState state)
        => new(state, plugins.Current, board.Reports, cache.Activity, rejections.Looks, rotation.DueIn is null ? time.GetUtcNow().Ticks / Longest.Ticks : time.GetTimestamp());

    public readonly record struct Mark(MeshState State, PluginSet Plugins, object Reports, long Activity, long Looks, long Time)
    {
        public bool Equals(Mark other)
            => ReferenceEquals(State, other.State) && ReferenceEquals(Plugins, other.Plugins) && ReferenceEquals(Reports, other.Reports) && (Activity, Looks, Time) == (other.Activity, other.Looks, other.Time);

        public override int GetHashCode() => HashCode.Combine(Activity, Looks, Time);
    }
}
