using System.Text.Json.Nodes;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.Demo.Mesh;

/// <summary>What <c>osm local status</c> says.</summary>
/// <param name="Sidecars">How many pods have one.</param>
/// <param name="ControlPlane">Its process.</param>
internal sealed record MeshStatus(int Sidecars, int ControlPlane)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Null when there is no mesh, or its pods do not run yet.</summary>
    public static async Task<MeshStatus?> ReadAsync(DemoOptions options, CancellationToken cancellation)
    {
        var answer = await Command.TryRunAsync(options.Osm, ["local", "status", "--name", options.Name], input: null, Patience, cancellation);
        return answer.ExitCode == 0 && JsonNode.Parse(answer.Output) is { } status
            ? new(
                status["pods"]!.AsArray().Count(pod => pod!["meshed"]!.GetValue<bool>()),
                status["processes"]!.AsArray().First(process => process!["name"]!.GetValue<string>() == "control-plane")!["pid"]!.GetValue<int>())
            : null;
    }
}
