namespace OsmExt.Demo;

/// <summary>Where things are, and what the mesh is called.</summary>
/// <param name="Root">The repository.</param>
/// <param name="Name">The mesh's name on this machine.</param>
/// <param name="Envoy">Version of Envoy to look for; null for any.</param>
internal sealed record DemoOptions(string Root, string Name, string? Envoy)
{
    /// <summary>What sidecars are to be, as <c>osm local up</c> has it.</summary>
    public string DataPlane { get; init; } = "auto";

    /// <summary>What pods are to be.</summary>
    public string Network { get; init; } = "auto";

    /// <summary>Policy files, named from the mesh's directory.</summary>
    public const string Split = "policy/split.yaml";

    public const string Thief = "policy/bookthief.yaml";

    public string Osm => Path.Join(Root, "artifacts/osm/osm");

    public string Images => Path.Join(Root, "artifacts/apps");

    /// <summary>The manifests as the repository has them.</summary>
    public string Original => Path.Join(Root, "e2e/demo/mesh");

    /// <summary>The files that steps put in place.</summary>
    public string Steps => Path.Join(Root, "e2e/demo/steps");

    public string Work => Path.Join(Root, "artifacts/demo", Name);

    /// <summary>The manifests in force: a copy, to be edited.</summary>
    public string Mesh => Path.Join(Work, "mesh");

    public string Logs => Path.Join(Work, "logs");
}
