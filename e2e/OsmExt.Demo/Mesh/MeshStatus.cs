using System.Text.Json.Nodes;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.Demo.Mesh;

/// <summary>What <c>osm local status</c> says.</summary>
/// <param name="Sidecars">How many pods have one.</param>
/// <param name="ControlPlane">Its process.</param>
internal sealed record MeshStatus(int Sidecars, int ControlPlane)
{
    /// <summary>Whether sidecars are Envoys.</summary>
    public bool IsEnvoy { get; init; } = true;

    /// <summary>Whether pods are network namespaces.</summary>
    public bool IsNamespaces { get; init; } = true;

    /// <summary>Why they are what they are.</summary>
    public string Why { get; init; } = "";

    /// <summary>The control plane's health and metrics, in the node's network.</summary>
    public string Http { get; init; } = "";

    /// <summary>Its debug pages.</summary>
    public string Debug { get; init; } = "";

    /// <summary>What sidecars are called here.</summary>
    public string Proxies => IsEnvoy ? "Envoys" : "embedded sidecars";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Null when there is no mesh, or its pods do not run yet.</summary>
    public static async Task<MeshStatus?> ReadAsync(DemoOptions options, CancellationToken cancellation)
    {
        var answer = await Command.TryRunAsync(options.Osm, ["local", "status", "--name", options.Name], input: null, Patience, cancellation);
        return answer.ExitCode == 0 && JsonNode.Parse(answer.Output) is { } status
            ? new(
                status["pods"]!.AsArray().Count(pod => pod!["meshed"]!.GetValue<bool>()),
                status["processes"]!.AsArray().First(process => process!["name"]!.GetValue<string>() == "control-plane")!["pid"]!.GetValue<int>())
            {
                IsEnvoy = status["data_plane"]!.GetValue<string>() == "envoy",
                IsNamespaces = status["network"]!.GetValue<string>() == "namespaces",
                Why = $"Data plane: {status["data_plane"]} ({status["data_plane_why"]}); network: {status["network"]} ({status["network_why"]})",
                Http = status["control_plane"]!["http"]!.GetValue<string>(),
                Debug = status["control_plane"]!["debug"]!.GetValue<string>(),
            }
            : null;
    }
}
