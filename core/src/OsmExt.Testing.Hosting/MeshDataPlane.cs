namespace OsmExt.Testing.Hosting;

/// <summary>What the sidecars of a mesh are.</summary>
public enum MeshDataPlane
{
    /// <summary>OsmExt's own, in the test's process. Needs nothing, follows the mesh's clock, and draws by its seed.</summary>
    Embedded,

    /// <summary>Real Envoys, a process for each pod that traffic comes to or from. Needs an Envoy on Linux or macOS; neither root nor free ports.</summary>
    Envoy,

    /// <summary>Envoys where one is found and the clock runs, else embedded; <see cref="MeshHost.DataPlane"/> says which, and why.</summary>
    Auto,
}
