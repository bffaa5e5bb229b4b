using OsmExt.Compiler;

namespace OsmExt.Cli.Local;

/// <summary>What <c>osm local up</c> was asked for.</summary>
internal sealed record LocalUpOptions
{
    /// <summary>The mesh's name on this machine.</summary>
    public required string Name { get; init; }

    /// <summary>Manifests; full paths.</summary>
    public required IReadOnlyList<string> Config { get; init; }

    /// <summary>Programs, by image name; full path.</summary>
    public required string Images { get; init; }

    /// <summary>Logs; full path.</summary>
    public required string Logs { get; init; }

    /// <summary>Version of Envoy to look for; empty for any.</summary>
    public required string EnvoyVersion { get; init; }

    /// <summary>How short workload certificates may live.</summary>
    public required TimeSpan ShortestCertificateValidity { get; init; }

    /// <summary>Mesh name, namespace and trust domain.</summary>
    public required CompilerOptions Compiler { get; init; }
}
