using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>What is said of a pod in a row.</summary>
internal static class PodText
{
    public static string Ready(JsonObject pod)
    {
        var all = (pod.Object("spec")?.Objects("containers").Count() ?? 0) + Sidecars(pod).Count();
        var ready = Statuses(pod).Count(status => status.Flag("ready"))
            + (pod.Object("status")?.Objects("initContainerStatuses").Count(status => status.Flag("ready") && Sidecars(pod).Contains(status.Text("name"))) ?? 0);
        return $"{ready}/{all}";
    }

    public static string Status(JsonObject pod)
    {
        if (pod.Metadata().Text("deletionTimestamp") is not null)
        {
            return "Terminating";
        }

        var states = Statuses(pod).Select(status => status.Object("state")).OfType<JsonObject>();
        return states.Select(state => state.Object("waiting")?.Text("reason") ?? state.Object("terminated")?.Text("reason")).FirstOrDefault(reason => reason is { Length: > 0 })
            ?? pod.Object("status")?.Text("reason") ?? pod.Object("status")?.Text("phase") ?? "Unknown";
    }

    public static long Restarts(JsonObject pod) => Statuses(pod).Sum(status => status.Number("restartCount") ?? 0);

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) => pod.Object("status")?.Objects("containerStatuses") ?? [];

    private static IEnumerable<string?> Sidecars(JsonObject pod)
        => pod.Object("spec")?.Objects("initContainers").Where(container => container.Text("restartPolicy") == "Always").Select(container => container.Text("name")) ?? [];
}
