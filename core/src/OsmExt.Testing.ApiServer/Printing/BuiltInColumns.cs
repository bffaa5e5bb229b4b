using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>The columns of Kubernetes' own kinds; name and age for those that are not here.</summary>
internal static class BuiltInColumns
{
    private static readonly Dictionary<string, Column[]> Known = new(StringComparer.Ordinal)
    {
        ["pods"] =
        [
            Text("Ready", pod => PodText.Ready(pod)), Text("Status", PodText.Status), new("Restarts", (pod, _) => PodText.Restarts(pod).ToString(CultureInfo.InvariantCulture)), Column.Age,
            Wide("IP", pod => pod.Object("status")?.Text("podIP") ?? "<none>"), Wide("Node", pod => pod.Object("spec")?.Text("nodeName") ?? "<none>"),
            Wide("Nominated Node", pod => pod.Object("status")?.Text("nominatedNodeName") ?? "<none>"), Wide("Readiness Gates", _ => "<none>"),
        ],
        ["services"] =
        [
            Text("Type", service => service.Object("spec")?.Text("type")), Text("Cluster-IP", service => service.Object("spec")?.Text("clusterIP") ?? "<none>"),
            Text("External-IP", ServiceText.External), Text("Port(s)", ServiceText.Ports), Column.Age, Wide("Selector", service => Labels(service.Object("spec")?.Object("selector"))),
        ],
        ["endpoints"] = [Text("Endpoints", ServiceText.Endpoints), Column.Age],
        ["endpointslices.discovery.k8s.io"] =
        [
            Text("AddressType", slice => slice.Text("addressType")), Text("Ports", slice => List(slice.Objects("ports").Select(port => port["port"]?.ToString() ?? "*"))),
            Text("Endpoints", slice => List(slice.Objects("endpoints").SelectMany(endpoint => endpoint.Texts("addresses")))), Column.Age,
        ],
        ["namespaces"] = [Text("Status", space => space.Object("status")?.Text("phase")), Column.Age],
        ["nodes"] =
        [
            Text("Status", node => Condition(node, "Ready") == "True" ? "Ready" : "NotReady"), Text("Roles", _ => "<none>"), Column.Age,
            Text("Version", node => node.Object("status")?.Object("nodeInfo")?.Text("kubeletVersion") ?? ""),
        ],
        ["deployments.apps"] =
        [
            Text("Ready", set => $"{Status(set, "readyReplicas")}/{Spec(set, "replicas")}"), Count("Up-to-date", set => Status(set, "updatedReplicas")),
            Count("Available", set => Status(set, "availableReplicas")), Column.Age, .. Containers(),
            Wide("Selector", set => Labels(set.Object("spec")?.Object("selector")?.Object("matchLabels"))),
        ],
        ["replicasets.apps"] =
        [
            Count("Desired", set => Spec(set, "replicas")), Count("Current", set => Status(set, "replicas")), Count("Ready", set => Status(set, "readyReplicas")), Column.Age, .. Containers(),
        ],
        ["statefulsets.apps"] = [Text("Ready", set => $"{Status(set, "readyReplicas")}/{Spec(set, "replicas")}"), Column.Age, .. Containers()],
        ["daemonsets.apps"] =
        [
            Count("Desired", set => Status(set, "desiredNumberScheduled")), Count("Current", set => Status(set, "currentNumberScheduled")), Count("Ready", set => Status(set, "numberReady")),
            Count("Up-to-date", set => Status(set, "updatedNumberScheduled")), Count("Available", set => Status(set, "numberAvailable")), Column.Age,
        ],
        ["jobs.batch"] =
        [
            Text("Status", job => Condition(job, "Complete") == "True" ? "Complete" : Condition(job, "Failed") == "True" ? "Failed" : "Running"),
            Text("Completions", job => $"{Status(job, "succeeded")}/{Spec(job, "completions")}"), Column.Age,
        ],
        ["configmaps"] = [Count("Data", map => (map.Object("data")?.Count ?? 0) + (map.Object("binaryData")?.Count ?? 0)), Column.Age],
        ["secrets"] = [Text("Type", secret => secret.Text("type")), Count("Data", secret => secret.Object("data")?.Count ?? 0), Column.Age],
        ["serviceaccounts"] = [Count("Secrets", account => account.List("secrets")?.Count ?? 0), Column.Age],
        ["leases.coordination.k8s.io"] = [Text("Holder", lease => lease.Object("spec")?.Text("holderIdentity")), Column.Age],
        ["events"] =
        [
            new("Last Seen", (happened, now) => Column.AgeOf(happened.Text("lastTimestamp") ?? happened.Text("eventTime") ?? happened.Metadata().Text("creationTimestamp"), now)),
            Text("Type", happened => happened.Text("type")), Text("Reason", happened => happened.Text("reason")),
            Text("Object", happened => $"{happened.Object("involvedObject")?.Text("kind")?.ToLowerInvariant()}/{happened.Object("involvedObject")?.Text("name")}"),
            Text("Message", happened => happened.Text("message")),
        ],
        ["customresourcedefinitions.apiextensions.k8s.io"] = [Text("Created At", definition => definition.Metadata().Text("creationTimestamp"))],
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = [Count("Webhooks", configuration => configuration.List("webhooks")?.Count ?? 0), Column.Age],
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = [Count("Webhooks", configuration => configuration.List("webhooks")?.Count ?? 0), Column.Age],
        ["roles.rbac.authorization.k8s.io"] = [Text("Created At", role => role.Metadata().Text("creationTimestamp"))],
        ["clusterroles.rbac.authorization.k8s.io"] = [Text("Created At", role => role.Metadata().Text("creationTimestamp"))],
        ["rolebindings.rbac.authorization.k8s.io"] = [Text("Role", RoleOf), Column.Age],
        ["clusterrolebindings.rbac.authorization.k8s.io"] = [Text("Role", RoleOf), Column.Age],
        ["poddisruptionbudgets.policy"] =
        [
            Text("Min Available", budget => budget.Object("spec")?["minAvailable"]?.ToString() ?? "N/A"),
            Text("Max Unavailable", budget => budget.Object("spec")?["maxUnavailable"]?.ToString() ?? "N/A"), Count("Allowed Disruptions", budget => Status(budget, "disruptionsAllowed")), Column.Age,
        ],
        ["horizontalpodautoscalers.autoscaling"] =
        [
            Text("Reference", scaler => $"{scaler.Object("spec")?.Object("scaleTargetRef")?.Text("kind")}/{scaler.Object("spec")?.Object("scaleTargetRef")?.Text("name")}"),
            Text("MinPods", scaler => scaler.Object("spec")?["minReplicas"]?.ToString() ?? "<unset>"), Count("MaxPods", scaler => Spec(scaler, "maxReplicas")),
            Count("Replicas", scaler => Status(scaler, "currentReplicas")), Column.Age,
        ],
        ["ingresses.networking.k8s.io"] =
        [
            Text("Class", ingress => ingress.Object("spec")?.Text("ingressClassName") ?? "<none>"),
            Text("Hosts", ingress => List(ingress.Object("spec")?.Objects("rules").Select(rule => rule.Text("host") ?? "*") ?? [])), Column.Age,
        ],
    };

    public static IReadOnlyList<Column> Of(GroupResource resource)
        => [Column.ObjectName, .. Known.GetValueOrDefault(resource.ToString()) ?? [Column.Age]];

    /// <summary>The first few of a list, and how many more there are.</summary>
    public static string List(IEnumerable<string> values)
    {
        var all = values.ToList();
        return all.Count switch { 0 => "<unset>", <= 3 => string.Join(',', all), var count => $"{string.Join(',', all.Take(3))} + {count - 3} more..." };
    }

    public static string Labels(JsonObject? labels) => labels is null or { Count: 0 } ? "<none>" : string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"));

    private static Column Text(string name, Func<JsonObject, string?> cell) => new(name, (value, _) => cell(value));

    private static Column Wide(string name, Func<JsonObject, string?> cell) => Text(name, cell) with { Priority = 1 };

    private static Column Count(string name, Func<JsonObject, long> cell) => new(name, (value, _) => cell(value)) { Type = "integer" };

    private static Column[] Containers()
    {
        static IEnumerable<JsonObject> Of(JsonObject set) => set.Object("spec")?.Object("template")?.Object("spec")?.Objects("containers") ?? [];
        return
        [
            Wide("Containers", set => string.Join(',', Of(set).Select(container => container.Text("name")))),
            Wide("Images", set => string.Join(',', Of(set).Select(container => container.Text("image")))),
        ];
    }

    private static long Spec(JsonObject value, string field) => value.Object("spec")?.Number(field) ?? 0;

    private static long Status(JsonObject value, string field) => value.Object("status")?.Number(field) ?? 0;

    private static string RoleOf(JsonObject binding) => $"{binding.Object("roleRef")?.Text("kind")}/{binding.Object("roleRef")?.Text("name")}";

    private static string? Condition(JsonObject value, string type)
        => value.Object("status")?.Objects("conditions").FirstOrDefault(condition => condition.Text("type") == type)?.Text("status");
}
