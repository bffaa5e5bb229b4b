using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Upkeep;

/// <summary>Objects that are made for another one, and found again by it.</summary>
internal static class Owned
{
    /// <summary>Those of a kind whose controller an object is.</summary>
    public static IReadOnlyList<StoredObject> By(JsonObject owner, GroupResource resource, StoreState state)
        => [.. state.Of(resource).Values.Where(stored => stored.Name.Namespace == owner.Namespace()
            && stored.Object.Metadata().Objects("ownerReferences").Any(reference => reference.Flag("controller") && reference.Text("uid") == owner.Uid()))];

    public static JsonArray Reference(JsonObject owner) => new(new JsonObject
    {
        ["apiVersion"] = owner.Text("apiVersion"),
        ["kind"] = owner.Text("kind"),
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    });

    /// <summary>A pod of a workload's template.</summary>
    public static JsonObject Pod(JsonObject owner, JsonObject? template, string? name)
    {
        var metadata = (template?.Object("metadata") ?? []).With(("namespace", owner.Namespace()), ("ownerReferences", Reference(owner)));
        metadata[name is null ? "generateName" : "name"] = name ?? $"{owner.Name()}-";
        return new() { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = (template?.Object("spec") ?? []).Copy() };
    }

    /// <summary>A short name for a value, the same for the same value.</summary>
    public static string Hash(JsonNode? value)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(value?.ToJsonString() ?? ""));
        return BitConverter.ToUInt32(hash).ToString("x8", CultureInfo.InvariantCulture);
    }

    public static bool IsReady(JsonObject pod)
        => pod.Object("status")?.Objects("conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True") == true;

    public static bool IsGoing(JsonObject value) => value.Metadata().Text("deletionTimestamp") is not null;

    public static JsonObject Condition(string type, bool holds, string reason, DateTimeOffset now) => new()
    {
        ["type"] = type,
        ["status"] = holds ? "True" : "False",
        ["reason"] = reason,
        ["lastTransitionTime"] = Serving.Strategy.Timestamp(now),
        ["lastUpdateTime"] = Serving.Strategy.Timestamp(now),
    };
}
