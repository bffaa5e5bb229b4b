using OsmExt.Fleet.Options;

namespace OsmExt.Fleet.Meshes;

/// <summary>The mesh of W1 in another size, with the same proxies and the same changes in each: what a change costs shall not depend on the services there are beside.</summary>
internal sealed class FlatWorkload(FleetOptions options) : NamespacesWorkload(options)
{
    private const int PodsEach = 2;

    public override double Seconds => 15;

    public override double Pace => 20;

    protected override int PodsPerService => PodsEach;

    // Those whose proxies are connected.
    protected override int Changing => Math.Min(Options.Proxies / PodsEach, Services.Count);
}
