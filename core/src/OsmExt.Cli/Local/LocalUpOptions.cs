using OsmExt.Compiler;

namespace OsmExt.Cli.Local;

/// <summary>What <c>osm local up</c> was asked for.</summary>
internal sealed record LocalUpOptions
{
    /// <summary>The mesh's name on this machine.</summary>
    public required string Name { get; init; }

    /// <summary>Manifests; full paths.</summary>
    public required IReadOnlyList<string> Config { get; init; }

    /// <summary>Directory of plugins; full path, null for none.</summary>
    public required string? Plugins { get; init; }

    /// <summary>What plugins may do; full path, null for the file in their directory.</summary>
    public required string? PluginPolicy { get; init; }

    /// <summary>Programs, by image name; full path.</summary>
    public required string Images { get; init; }

    /// <summary>Logs; full path.</summary>
    public required string Logs { get; init; }

    /// <summary>Version of Envoy to look for; empty for any.</summary>
    public required string EnvoyVersion { get; init; }

    /// <summary>What carries traffic, and what pods are.</summary>
    public required DataPlaneWish DataPlane { get; init; }

    /// <summary>Where manifests come from that are applied while the mesh runs; a full path.</summary>
    public string Applied => LocalPaths.Applied(Name);

    /// <summary>All that manifests come from.</summary>
    public IReadOnlyList<string> Sources => [.. Config, Applied];

    /// <summary>How short workload certificates may live.</summary>
    public required TimeSpan ShortestCertificateValidity { get; init; }

    /// <summary>Whether its objects are on an API server, for kubectl.</summary>
    public required bool HasApi { get; init; }

    /// <summary>Mesh name, namespace and trust domain.</summary>
    public required CompilerOptions Compiler { get; init; }
}
