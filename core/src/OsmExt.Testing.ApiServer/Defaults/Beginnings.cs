using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Defaults;

/// <summary>What objects of Kubernetes' own kinds have from their first moment: a state, an address, a finalizer.</summary>
internal static class Beginnings
{
    public static JsonObject Of(ResourceKind kind, JsonObject value, StoreState state) => (kind.Custom is null ? kind.GroupResource.ToString() : "") switch
    {
        "namespaces" => Namespace(value),
        "pods" => Pod(value),
        "services" => Service(value, state),
        "persistentvolumeclaims" or "persistentvolumes" => value.With(("status", new JsonObject { ["phase"] = "Pending" })),
        "customresourcedefinitions.apiextensions.k8s.io" => Definition(value),
        _ => value,
    };

    private static JsonObject Namespace(JsonObject value)
    {
        var labels = (value.Metadata().Object("labels") ?? []).With(("kubernetes.io/metadata.name", value.Name()));
        return value.WithMetadata(("labels", labels)).With(
            ("spec", (value.Object("spec") ?? []).With(("finalizers", new JsonArray("kubernetes")))),
            ("status", new JsonObject { ["phase"] = "Active" }));
    }

    private static JsonObject Pod(JsonObject value)
    {
        var copy = value.Copy();
        var spec = copy.Child("spec");
        spec.Default("serviceAccountName", "default").Default("enableServiceLinks", true).Default("preemptionPolicy", "PreemptLowerPriority").Default("priority", 0);
        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        copy["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };
        return copy;
    }

    private static JsonObject Service(JsonObject value, StoreState state)
    {
        var copy = value.Copy();
        var spec = copy.Child("spec");
        if (spec.Text("type") != "ExternalName" && spec.Text("clusterIP") is not { Length: > 0 })
        {
            spec["clusterIP"] = ClusterAddresses.Free(value.Uid(), state);
        }

        if (spec.Text("clusterIP") is { Length: > 0 } address)
        {
            spec.Default("clusterIPs", new JsonArray(address)).Default("ipFamilies", new JsonArray("IPv4"));
        }

        copy["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        return copy;
    }

    // Kinds are served from the moment their definition is stored, so it says so at once.
    private static JsonObject Definition(JsonObject value)
    {
        var spec = value.Object("spec") ?? [];
        var now = value.Metadata().Text("creationTimestamp") ?? "";
        JsonArray finalizers = [.. value.Metadata().Texts("finalizers").Append("customresourcecleanup.apiextensions.k8s.io").Distinct(StringComparer.Ordinal).Select(name => (JsonNode)name)];
        return value.WithMetadata(("finalizers", finalizers)).With(("status", new JsonObject
        {
            ["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
            ["acceptedNames"] = spec.Object("names")?.DeepClone() ?? new JsonObject(),
            ["storedVersions"] = new JsonArray([.. spec.Objects("versions").Where(version => version.Flag("storage")).Select(version => version["name"]?.DeepClone())]),
        }));
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
