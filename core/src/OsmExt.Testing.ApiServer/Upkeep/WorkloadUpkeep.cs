using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>
/// Makes the pods workloads ask for, and says how far that is. A Deployment's new pods are all made at once, and its old ones go when the new ones are
/// ready; limits of surge are not kept.
/// </summary>
internal sealed class WorkloadUpkeep(ServerHand hand) : IUpkeep
{
    private const string Revision = "deployment.kubernetes.io/revision";

    private static readonly GroupResource Deployments = new("apps", "deployments");
    private static readonly GroupResource ReplicaSets = new("apps", "replicasets");
    private static readonly GroupResource Pods = new("", "pods");

    // The others that make pods themselves.
    private static readonly GroupResource[] Sets = [ReplicaSets, new("apps", "statefulsets"), new("apps", "daemonsets"), new("batch", "jobs")];

    public bool Concerns(Change change) => change.Resource == Deployments || change.Resource == Pods || Sets.Contains(change.Resource);

    public async Task ActAsync(StoreState state, CancellationToken stop)
    {
        foreach (var deployment in state.Of(Deployments).Values.Where(stored => !Owned.IsGoing(stored.Object)))
        {
            await DeployAsync(deployment, state, stop).ConfigureAwait(false);
        }

        foreach (var set in Sets.SelectMany(kind => state.Of(kind).Values).Where(stored => !Owned.IsGoing(stored.Object)))
        {
            await FillAsync(set, state, stop).ConfigureAwait(false);
        }
    }

    private async Task DeployAsync(StoredObject deployment, StoreState state, CancellationToken stop)
    {
        var value = deployment.Object;
        var spec = value.Object("spec") ?? [];
        var (wanted, hash) = (spec.Number("replicas") ?? 1, Owned.Hash(spec["template"]));
        var sets = Owned.By(value, ReplicaSets, state);
        var current = sets.FirstOrDefault(set => set.Object.Metadata().Object("labels")?.Text("pod-template-hash") == hash);
        if (current is null)
        {
            await hand.CreateAsync(NewSet(value, spec, hash, sets.Select(RevisionOf).DefaultIfEmpty().Max() + 1), stop).ConfigureAwait(false);
            return;
        }

        await NumberAsync(deployment, current, sets.Max(RevisionOf), stop).ConfigureAwait(false);
        await ScaleAsync(current, wanted, stop).ConfigureAwait(false);
        var ready = Status(current, "readyReplicas");
        foreach (var old in sets.Where(set => set != current && ready >= wanted))
        {
            await ScaleAsync(old, 0, stop).ConfigureAwait(false);
        }

        var status = new JsonObject
        {
            ["observedGeneration"] = value.Metadata().Number("generation"),
            ["replicas"] = sets.Sum(set => Status(set, "replicas")),
            ["updatedReplicas"] = Status(current, "replicas"),
            ["readyReplicas"] = sets.Sum(set => Status(set, "readyReplicas")),
            ["availableReplicas"] = sets.Sum(set => Status(set, "readyReplicas")),
            ["unavailableReplicas"] = Math.Max(0, wanted - sets.Sum(set => Status(set, "readyReplicas"))),
        };
        await ReportAsync(deployment, status, ready >= wanted, ("Available", "MinimumReplicasAvailable"), ("Progressing", "NewReplicaSetAvailable"), stop).ConfigureAwait(false);
    }

    private static JsonObject NewSet(JsonObject deployment, JsonObject spec, string hash, long revision)
    {
        var template = (spec.Object("template") ?? []).Copy();
        template["metadata"] = Labelled(template.Object("metadata"), hash);
        var selector = (spec.Object("selector") ?? []).Copy();
        selector["matchLabels"] = (selector.Object("matchLabels") ?? []).With(("pod-template-hash", hash));
        var metadata = Labelled(spec.Object("template")?.Object("metadata"), hash).With(
            ("name", $"{deployment.Name()}-{hash}"), ("namespace", deployment.Namespace()), ("ownerReferences", Owned.Reference(deployment)),
            ("annotations", new JsonObject { [Revision] = revision.ToString(CultureInfo.InvariantCulture) }));
        return new()
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = spec["replicas"]?.DeepClone(), ["selector"] = selector, ["template"] = template },
        };
    }

    // What is gone back to is the newest again; the deployment says which one it is at.
    private async Task NumberAsync(StoredObject deployment, StoredObject current, long newest, CancellationToken stop)
    {
        var number = RevisionOf(current) is var known && known == newest ? known : newest + 1;
        foreach (var stored in new[] { current, deployment }.Where(stored => RevisionOf(stored) != number))
        {
            await hand.UpdateAsync(stored, value => value.WithMetadata(("annotations", (value.Metadata().Object("annotations") ?? []).With((Revision, number.ToString(CultureInfo.InvariantCulture))))), stop).ConfigureAwait(false);
        }
    }

    private static long RevisionOf(StoredObject stored) => long.TryParse(stored.Object.Metadata().Object("annotations")?.Text(Revision), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static JsonObject Labelled(JsonObject? metadata, string hash) => (metadata ?? []).With(("labels", (metadata?.Object("labels") ?? []).With(("pod-template-hash", hash))));

    private async Task FillAsync(StoredObject set, StoreState state, CancellationToken stop)
    {
        var value = set.Object;
        var spec = value.Object("spec") ?? [];
        var job = set.Resource.Resource == "jobs";
        var wanted = set.Resource.Resource == "daemonsets" ? 1 : spec.Number(job ? "completions" : "replicas") ?? 1;
        var pods = Owned.By(value, Pods, state).Where(pod => !Owned.IsGoing(pod.Object)).ToList();
        for (var index = 0; index < wanted && pods.Count + Math.Max(0, index) < wanted; index++)
        {
            var name = set.Resource.Resource == "statefulsets" ? Ordinals(set).First(free => pods.All(pod => pod.Name.Name != free)) : null;
            await hand.CreateAsync(Owned.Pod(value, spec.Object("template"), name), stop).ConfigureAwait(false);
            if (name is not null)
            {
                return;
            }
        }

        foreach (var surplus in pods.OrderBy(pod => Owned.IsReady(pod.Object)).ThenByDescending(pod => pod.Revision).Take(job ? 0 : (int)Math.Max(0, pods.Count - wanted)))
        {
            await hand.DeleteAsync(surplus, "Background", stop).ConfigureAwait(false);
        }

        await SayAsync(set, pods, wanted, stop).ConfigureAwait(false);
    }

    private Task SayAsync(StoredObject set, List<StoredObject> pods, long wanted, CancellationToken stop)
    {
        var ready = pods.Count(pod => Owned.IsReady(pod.Object));
        var generation = set.Object.Metadata().Number("generation");
        if (set.Resource.Resource == "jobs")
        {
            var succeeded = pods.Count(pod => pod.Object.Object("status")?.Text("phase") == "Succeeded");
            var status = new JsonObject { ["active"] = pods.Count - succeeded, ["succeeded"] = succeeded, ["ready"] = ready };
            return ReportAsync(set, status, succeeded >= wanted, ("Complete", "CompletionsReached"), ("SuccessCriteriaMet", "CompletionsReached"), stop);
        }

        return ReportAsync(set, set.Resource.Resource == "daemonsets"
            ? new JsonObject
            {
                ["observedGeneration"] = generation, ["desiredNumberScheduled"] = wanted, ["currentNumberScheduled"] = pods.Count, ["numberReady"] = ready,
                ["updatedNumberScheduled"] = pods.Count, ["numberAvailable"] = ready, ["numberMisscheduled"] = 0,
            }
            : new JsonObject
            {
                ["observedGeneration"] = generation, ["replicas"] = pods.Count, ["fullyLabeledReplicas"] = pods.Count, ["readyReplicas"] = ready, ["availableReplicas"] = ready,
                ["currentReplicas"] = pods.Count, ["updatedReplicas"] = pods.Count,
            }, false, null, null, stop);
    }

    private static IEnumerable<string> Ordinals(StoredObject set) => Enumerable.Range(0, int.MaxValue).Select(ordinal => string.Create(CultureInfo.InvariantCulture, $"{set.Name.Name}-{ordinal}"));

    private Task ScaleAsync(StoredObject set, long replicas, CancellationToken stop) => set.Object.Object("spec")?.Number("replicas") == replicas ? Task.CompletedTask
        : hand.UpdateAsync(set, value => value.With(("spec", (value.Object("spec") ?? []).With(("replicas", replicas)))), stop);

    private Task ReportAsync(StoredObject stored, JsonObject status, bool holds, (string Type, string Reason)? first, (string Type, string Reason)? second, CancellationToken stop)
    {
        var before = stored.Object.Object("status") ?? [];
        if (first is { } one && second is { } two)
        {
            // Said anew only when it is news.
            var said = before.Objects("conditions").FirstOrDefault(condition => condition.Text("type") == one.Type)?.Text("status") == "True";
            status["conditions"] = said == holds && before["conditions"] is { } same ? same.DeepClone() : holds || stored.Resource == Deployments
                ? new JsonArray(Owned.Condition(one.Type, holds, one.Reason, hand.Now), Owned.Condition(two.Type, true, holds ? two.Reason : "ReplicaSetUpdated", hand.Now)) : new JsonArray();
        }

        return JsonNode.DeepEquals(before, status) ? Task.CompletedTask : hand.UpdateAsync(stored, value => value.With(("status", status)), stop, "status");
    }

    private static long Status(StoredObject stored, string field) => stored.Object.Object("status")?.Number(field) ?? 0;
}
