namespace OsmExt.Testing.Hosting.Tests;

/// <summary>What the sidecars of a test's mesh are: <c>embedded</c>, or a version of Envoy.</summary>
internal static class DataPlanes
{
    public const string Embedded = "embedded";

    /// <summary>The embedded one, and the tested Envoys that are here.</summary>
    public static TheoryData<string> All => [Embedded, .. Envoys];

    /// <summary>The newest Envoy that is here, or nothing.</summary>
    public static TheoryData<string> EmbeddedAndNewest => [Embedded, .. Envoys.TakeLast(1)];

    public static IReadOnlyList<string> Envoys { get; } = TestedEnvoys.Envoys.AreRequired || TestedEnvoys.Envoys.Find("").Path is not null ? TestedEnvoys.Envoys.Versions : [];

    public static MeshHostOptions On(string plane, params string[] manifests) => plane == Embedded ? new() { Manifests = manifests }
        : new() { Manifests = manifests, DataPlane = MeshDataPlane.Envoy, EnvoyPath = TestedEnvoys.Envoys.Find(plane).Path };
}

/// <summary>A test that an Envoy is needed for; skipped where there is none, unless Envoys are required.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvoyFactAttribute : FactAttribute
{
    public EnvoyFactAttribute() => Skip = DataPlanes.Envoys.Count > 0 ? null : "There is no Envoy here.";
}
