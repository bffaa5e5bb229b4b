using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Says of pods that they run and are ready, or have done their work, without running anything; and lets them go when they are deleted.</summary>
internal sealed class PodUpkeep(ServerHand hand) : IUpkeep
{
    private const string Node = "node";

    private static readonly string[] Conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];
    private static readonly GroupResource Pods = new("", "pods");

    private int _addresses;

    public bool Concerns(Change change) => change.Resource == Pods;

    public async Task ActAsync(StoreState state, CancellationToken stop)
    {
        foreach (var pod in state.Of(Pods).Values)
        {
            if (Owned.IsGoing(pod.Object))
            {
                await hand.DeleteAsync(pod, "Background", stop, grace: 0).ConfigureAwait(false);
            }
            else if (pod.Object.Object("spec")?.Text("nodeName") is not { Length: > 0 })
            {
                await hand.UpdateAsync(pod, value => value.With(("spec", (value.Object("spec") ?? []).With(("nodeName", Node)))), stop).ConfigureAwait(false);
            }
            else if (pod.Object.Object("status")?.Text("phase") == "Pending")
            {
                var status = Started(pod.Object);
                await hand.UpdateAsync(pod, value => value.With(("status", status)), stop, "status").ConfigureAwait(false);
            }
        }
    }

    private JsonObject Started(JsonObject pod)
    {
        var spec = pod.Object("spec") ?? [];
        var (now, done) = (hand.Now, spec.Text("restartPolicy") != "Always");
        var number = Interlocked.Increment(ref _addresses);
        var address = string.Create(CultureInfo.InvariantCulture, $"10.244.{number / 250}.{(number % 250) + 1}");
        var conditions = Conditions.Select(type => Owned.Condition(type, !done || type is "PodScheduled" or "Initialized", done ? "PodCompleted" : "", now).With(("lastUpdateTime", null)));
        return new()
        {
            ["phase"] = done ? "Succeeded" : "Running",
            ["conditions"] = new JsonArray([.. conditions]),
            ["hostIP"] = "10.0.0.1",
            ["podIP"] = address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["startTime"] = Serving.Strategy.Timestamp(now),
            ["qosClass"] = "BestEffort",
            ["containerStatuses"] = new JsonArray([.. spec.Objects("containers").Select(container => Container(container, !done, done))]),
            ["initContainerStatuses"] = new JsonArray([.. spec.Objects("initContainers").Select(container => Container(container, true, done || container.Text("restartPolicy") != "Always"))]),
        };
    }

    private JsonObject Container(JsonObject container, bool ready, bool done) => new()
    {
        ["name"] = container.Text("name"),
        ["image"] = container.Text("image"),
        ["imageID"] = "",
        ["ready"] = ready,
        ["started"] = !done,
        ["restartCount"] = 0,
        ["state"] = done
            ? new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed" } }
            : new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Serving.Strategy.Timestamp(hand.Now) } },
    };
}
