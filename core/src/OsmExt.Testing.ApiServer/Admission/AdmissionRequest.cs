using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Authorization;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Admission;

/// <summary>A write that webhooks are asked about.</summary>
/// <param name="Kind">The kind in the version the webhook wants; mostly that of the request.</param>
/// <param name="Object">As it is to be; null for a deletion.</param>
/// <param name="Old">As it was; null when it is made.</param>
internal sealed record AdmissionRequest(WriteRequest Write, ResourceKind Kind, JsonObject? Object, JsonObject? Old)
{
    public string Operation => Object is null ? "DELETE" : Old is null ? "CREATE" : "UPDATE";

    public string Name => Write.Name.Length > 0 ? Write.Name : Object?.Name() ?? "";

    /// <summary>What is sent.</summary>
    public JsonObject ToReview(string uid) => new()
    {
        ["kind"] = "AdmissionReview",
        ["apiVersion"] = "admission.k8s.io/v1",
        ["request"] = ToJson(uid),
    };

    /// <summary>The request, as webhooks and their match conditions see it.</summary>
    public JsonObject ToJson(string uid)
    {
        var result = new JsonObject
        {
            ["uid"] = uid,
            ["kind"] = KindOf(Kind),
            ["resource"] = ResourceOf(Kind),
            ["requestKind"] = KindOf(Write.Kind),
            ["requestResource"] = ResourceOf(Write.Kind),
            ["operation"] = Operation,
            ["userInfo"] = AccessReviews.UserOf(Write.Caller),
            ["object"] = Object?.Copy(),
            ["oldObject"] = Old?.Copy(),
            ["dryRun"] = Write.DryRun,
            ["options"] = new JsonObject { ["kind"] = Operation switch { "CREATE" => "CreateOptions", "UPDATE" => "UpdateOptions", _ => "DeleteOptions" }, ["apiVersion"] = "meta.k8s.io/v1" },
        };
        foreach (var (name, value) in new[] { ("name", Name), ("namespace", Kind is { Plural: "namespaces", Group: "" } ? Name : Write.Namespace), ("subResource", Write.Subresource), ("requestSubResource", Write.Subresource) })
        {
            if (value.Length > 0)
            {
                result[name] = value;
            }
        }

        return result;
    }

    private static JsonObject KindOf(ResourceKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonObject ResourceOf(ResourceKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["resource"] = kind.Plural };
}
