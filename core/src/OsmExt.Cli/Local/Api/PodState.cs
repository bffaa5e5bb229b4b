using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local.Api;

/// <summary>A pod's status in Kubernetes' words.</summary>
internal sealed record PodState(Pod Pod, EquatableArray<string> Addresses, IReadOnlyList<ProcessStatus> Processes, IReadOnlyList<Diagnostic> Problems, string Node)
{
    /// <summary>The whole status.</summary>
    /// <param name="isReady">Whether all of its programs run.</param>
    /// <param name="since">Since when.</param>
    public JsonObject ToJson(bool isReady, DateTimeOffset since)
    {
        var at = since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var problem = Problems.Count == 0 ? null : string.Join(" ", Problems.Select(finding => $"{finding.Code} {finding.Field}: {finding.Message}. {finding.Advice}."));
        return new()
        {
            ["phase"] = Processes.Count == 0 ? "Pending" : "Running",
            ["message"] = problem,
            ["reason"] = problem is null ? null : "NotStarted",
            ["hostIP"] = Node,
            ["podIP"] = Addresses.IsEmpty ? null : Addresses[0],
            ["podIPs"] = new JsonArray([.. Addresses.Select(address => (JsonNode)new JsonObject { ["ip"] = address })]),
            ["startTime"] = at,
            ["conditions"] = new JsonArray(
                Condition("PodScheduled", true, null, at), Condition("Initialized", true, null, at), Condition("ContainersReady", isReady, problem, at), Condition("Ready", isReady, problem, at)),
            ["containerStatuses"] = new JsonArray([.. Pod.Containers.Select(container => (JsonNode)Container(container, problem))]),
        };
    }

    private static JsonObject Condition(string type, bool holds, string? message, string at)
        => new JsonObject { ["type"] = type, ["status"] = holds ? "True" : "False", ["lastTransitionTime"] = at, ["message"] = holds ? null : message };

    private JsonObject Container(Container container, string? problem)
    {
        var process = Processes.FirstOrDefault(process => process.Name.EndsWith($"/{container.Name}", StringComparison.Ordinal));
        var runs = process is { Pid: not 0 };
        return new()
        {
            ["name"] = container.Name, ["image"] = container.Image, ["imageID"] = "", ["ready"] = runs, ["started"] = runs, ["restartCount"] = process?.Restarts ?? 0,
            ["state"] = runs
                ? new JsonObject { ["running"] = new JsonObject() }
                : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = problem is not null ? "CreateContainerError" : process is null ? "ContainerCreating" : "CrashLoopBackOff", ["message"] = problem } },
            ["lastState"] = process?.LastExit is { } exit
                ? new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = exit, ["reason"] = exit == 0 ? "Completed" : "Error" } } : new JsonObject(),
        };
    }
}
