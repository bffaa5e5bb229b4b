using OsmExt.Fleet.Options;

namespace OsmExt.Fleet.Meshes;

/// <summary>The mesh of W1 for a long time: endpoints and routes change, pods are replaced, and the control plane is killed three times.</summary>
internal sealed class SoakWorkload(FleetOptions options) : NamespacesWorkload(options)
{
    private const int Kills = 3;

    public override string Title => $"{base.Title}; changes all the time, and the control plane is killed {Kills} times";

    public override double Pace => 1;

    public override double Seconds => 600;

    public override bool IsFlat => true;

    public override bool RunsToItsEnd => true;

    // Whoever does not read never answers; and the next change does not wait for the one before.
    public override bool Settles => false;

    public override IEnumerable<Step> Steps()
    {
        var (seconds, between) = (Options.Seconds > 0 ? Options.Seconds : Seconds, 2.0);
        var (steps, kills) = ((int)(seconds / between), 0);
        for (var step = 0; step < steps; step++)
        {
            if (kills < Kills && step > steps * (kills + 1) / (Kills + 1))
            {
                kills++;
                yield return new("control plane killed", []) { Upheaval = Upheaval.Restart };
            }

            yield return (step % 4) switch
            {
                0 => Replica(shared: true),
                1 => Route(),
                2 => Mesh.Rotate("pod replaced", Services[Random.Next(Services.Count)], 1),
                _ => Replica(shared: false),
            } with { Pause = TimeSpan.FromSeconds(between) };
        }
    }
}
