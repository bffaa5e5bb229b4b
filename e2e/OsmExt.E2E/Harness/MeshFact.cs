namespace OsmExt.E2E;

/// <summary>
/// A test with real Envoys. Skipped with the reason where this machine cannot run a mesh; with OSM_REQUIRE_ENVOY=1 it fails there instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MeshFactAttribute : FactAttribute
{
    public MeshFactAttribute() => Skip = Requirements.SkipReason;
}

/// <summary>The same for a test with rows.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MeshTheoryAttribute : TheoryAttribute
{
    public MeshTheoryAttribute() => Skip = Requirements.SkipReason;
}

/// <summary>A test of the built program that needs no mesh.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OsmFactAttribute : FactAttribute
{
    public OsmFactAttribute() => Skip = Requirements.IsStrict || File.Exists(Checkout.Osm) ? null : Requirements.NotBuilt;
}

/// <summary>
/// Tests that take all they can get, or look at a mesh a moment after it changed: one at a time, after all others. Those with a mesh of their own otherwise run beside each other, as many as xunit.runner.json says:
/// mostly they wait, and no two meshes share a name, a network or an address.
/// </summary>
[CollectionDefinition(nameof(Machine), DisableParallelization = true)]
public sealed class Machine;
