using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Which objects of a kind are asked for: by namespace, name, labels and fields.</summary>
internal sealed record Selection(string Namespace, string Name, LabelSelector Labels, FieldSelector Fields)
{
    public bool Includes(StoredObject stored)
        => (Namespace.Length == 0 || stored.Name.Namespace == Namespace)
            && (Name.Length == 0 || stored.Name.Name == Name)
            && Labels.Matches(stored.Object)
            && Fields.Matches(stored.Object);

    public static Selection Of(RequestTarget target, string? labels, string? fields)
        => new(target.Namespace, target.Name, LabelSelector.Parse(labels ?? ""), FieldSelector.Parse(fields ?? "", target.Kind));
}

/// <summary>A list of conditions on fields; the names and what else is known of each kind can be asked for.</summary>
internal sealed record FieldSelector(IReadOnlyList<(string Path, bool Equal, string Value)> Conditions)
{
    // Beside the name and the namespace, which every kind has.
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["pods"] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        ["events"] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
            "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ["secrets"] = ["type"],
        ["namespaces"] = ["status.phase"],
        ["nodes"] = ["spec.unschedulable"],
        ["replicasets.apps"] = ["status.replicas"],
        ["replicationcontrollers"] = ["status.replicas"],
        ["jobs.batch"] = ["status.successful"],
        ["services"] = ["spec.clusterIP", "spec.type"],
        ["certificatesigningrequests.certificates.k8s.io"] = ["spec.signerName"],
    };

    public static FieldSelector Parse(string text, ResourceKind kind)
    {
        var conditions = new List<(string, bool, string)>();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (path, equal, value) = term.Split("!=") is [var left, var unwanted] ? (left, false, unwanted)
                : term.Split("==") is [var same, var wanted] ? (same, true, wanted)
                : term.Split('=') is [var name, var only] ? (name, true, only)
                : throw Refusal.BadRequest($"invalid selector: '{text}'; can't understand '{term}'");
            if (path is not ("metadata.name" or "metadata.namespace") && !IsKnown(path, kind))
            {
                throw Refusal.BadRequest($"field label not supported: {path}");
            }

            conditions.Add((path, equal, value));
        }

        return new(conditions);
    }

    public bool Matches(JsonObject value) => Conditions.All(condition => (At(value, condition.Path) == condition.Value) == condition.Equal);

    private static bool IsKnown(string path, ResourceKind kind)
        => Known.GetValueOrDefault(kind.GroupResource.ToString())?.Contains(path) == true
            || (kind.Custom?.Version.Objects("selectableFields").Any(field => field.Text("jsonPath")?.TrimStart('.') == path) == true);

    private static string At(JsonObject value, string path)
    {
        JsonNode? at = value;
        foreach (var step in path.Split('.'))
        {
            at = (at as JsonObject)?[step];
        }

        return at switch
        {
            null => "",
            JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
            _ => at.ToJsonString(),
        };
    }
}
