using OsmExt.Sdk.Resources;

namespace OsmExt.Testing.Hosting;

/// <summary>What a <see cref="MeshHost"/> begins with.</summary>
public sealed record MeshHostOptions
{
    /// <summary>Directories or files of manifests.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Kubernetes objects in YAML.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    /// <summary>Objects as values.</summary>
    public IReadOnlyList<Resource> Objects { get; init; } = [];

    /// <summary>A directory of plugins, or one plugin's folder; null for none.</summary>
    public string? Plugins { get; init; }

    /// <summary>The operator's policy that grants what the plugins need; null for <c>policy.yaml</c> in the directory, if there is one.</summary>
    public string? PluginPolicy { get; init; }

    /// <summary>
    /// Whether the mesh's clock stands still but for <see cref="MeshHost.AdvanceAsync"/>: for exact tests of limits and timeouts. Nothing that
    /// waits in the mesh, such as the pause before a retry, goes on by itself then. By default the clock runs, and can be put forward.
    /// </summary>
    public bool StandingClock { get; init; }

    /// <summary>What sidecars are. Default: <see cref="MeshDataPlane.Embedded"/>. The same test runs on both.</summary>
    public MeshDataPlane DataPlane { get; init; }

    /// <summary>The Envoy to run, where there are to be Envoys; null for the one that is found: by <c>OSM_ENVOY</c>, in the PATH, or where <c>osm local</c> keeps one.</summary>
    public string? EnvoyPath { get; init; }

    /// <summary>Where draws of embedded sidecars begin, such as among weights: the same requests, one after the other, are decided the same way each time.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>A certificate validity in MeshConfig that is shorter counts as this. Default: 10 minutes, as in any mesh.</summary>
    public TimeSpan ShortestCertificateValidity { get; init; } = TimeSpan.FromMinutes(10);
}
