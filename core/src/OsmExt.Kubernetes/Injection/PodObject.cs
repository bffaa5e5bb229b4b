using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Injection;

/// <summary>Looks into a pod's JSON, whatever is in it. A field that is not what Kubernetes has there counts as absent: the API server refuses it.</summary>
/// <param name="Json">The pod, or a pod template.</param>
/// <param name="Namespace">Its namespace; a pod need not say it.</param>
/// <param name="Place">Where the pod stands in the object it is part of; empty for a pod.</param>
/// <param name="Owner">The object it is part of; null for a pod.</param>
internal sealed record PodObject(JsonObject Json, string Namespace, string Place = "", ResourceKey? Owner = null)
{
    public JsonObject Spec => Child(Json, "spec") ?? [];

    public LabelSet Annotations => Texts(Child(Child(Json, "metadata"), "annotations"));

    public LabelSet Labels => Texts(Child(Child(Json, "metadata"), "labels"));

    public IEnumerable<JsonObject> Containers => Objects(Spec, "containers");

    public IEnumerable<JsonObject> InitContainers => Objects(Spec, "initContainers");

    /// <summary>The containers that run together: probes look at them.</summary>
    public IEnumerable<JsonObject> LastingContainers => Containers.Concat(InitContainers.Where(container => Text(container, "restartPolicy") == "Always"));

    public ResourceKey Key
    {
        get
        {
            var metadata = Child(Json, "metadata");
            var name = Text(metadata, "name") is { Length: > 0 } own ? own : $"{Text(metadata, "generateName")}*";
            return Owner ?? new("Pod", Namespace, name);
        }
    }

    public string ServiceAccount => Text(Spec, "serviceAccountName") is { Length: > 0 } name ? name
        : Text(Spec, "serviceAccount") is { Length: > 0 } old ? old : "default";

    public bool HostNetwork => Spec["hostNetwork"] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public bool ForWindows => Text(Child(Spec, "os"), "name") == "windows" || Text(Child(Spec, "nodeSelector"), "kubernetes.io/os") == "windows";

    public Diagnostic Error(string code, string field, string message, string advice) => new(code, Severity.Error, Key, $"{Place}{field}", message, advice);

    public Diagnostic Warning(string code, string field, string message, string advice) => new(code, Severity.Warning, Key, $"{Place}{field}", message, advice);

    public static JsonObject? Child(JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static string Text(JsonNode? node, string name)
        => (node as JsonObject)?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    /// <summary>A whole number that fits; null for anything else.</summary>
    public static int? Number(JsonNode? node)
        => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && int.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static IEnumerable<JsonObject> Objects(JsonNode? node, string name) => ((node as JsonObject)?[name] as JsonArray ?? []).OfType<JsonObject>();

    private static LabelSet Texts(JsonObject? map) => LabelSet.From((map ?? [])
        .Where(entry => entry.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        .Select(entry => KeyValuePair.Create(entry.Key, entry.Value!.GetValue<string>())));
}
