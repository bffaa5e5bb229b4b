using OsmExt.Fleet.Options;

namespace OsmExt.Fleet.Meshes;

/// <summary>W13: the mesh of W1, whose proxies all drop their connections and come back, and whose control plane is killed; with what they had, and with nothing.</summary>
internal sealed class StormWorkload(FleetOptions options) : NamespacesWorkload(options)
{
    public override string Title => $"{base.Title}; all connections drop at once, and the control plane is killed";

    public override double Seconds => 120;

    public override IEnumerable<Step> Steps()
    {
        foreach (var warmUp in WarmUp(Options.WarmUp, () => Replica(shared: false)))
        {
            yield return warmUp;
        }

        foreach (var _ in Enumerable.Range(0, 2))
        {
            yield return new("all come back with versions", []) { Upheaval = Upheaval.ReconnectWithVersions, Pause = 20 * Second };
            yield return new("all come back with nothing", []) { Upheaval = Upheaval.ReconnectEmpty, Pause = 20 * Second };
        }

        yield return new("control plane killed, all come back with versions", []) { Upheaval = Upheaval.Restart, Pause = 20 * Second };
        yield return new("control plane killed, all come back with nothing", []) { Upheaval = Upheaval.RestartEmpty, Pause = 20 * Second };
    }
}
