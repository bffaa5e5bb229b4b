using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Defaults;

/// <summary>What an object of Kubernetes' own kinds keeps when a writer leaves it out: what the server gave it.</summary>
internal static class Kept
{
    private static readonly string[] Addresses = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"];

    public static JsonObject From(ResourceKind kind, JsonObject before, JsonObject next, string subresource) => (kind.Custom is null ? kind.GroupResource.ToString() : "", subresource) switch
    {
        ("services", "") => Service(before, next),
        ("namespaces", not "finalize") => next.With(("spec", (next.Object("spec") ?? []).With(("finalizers", before.Object("spec")?["finalizers"])))),
        ("customresourcedefinitions.apiextensions.k8s.io", "") => Definition(next),
        _ => next,
    };

    private static JsonObject Service(JsonObject before, JsonObject next)
    {
        var (old, spec) = (before.Object("spec") ?? [], (next.Object("spec") ?? []).Copy());
        if (spec.Text("type") == "ExternalName")
        {
            return next;
        }

        foreach (var field in Addresses.Where(field => spec[field] is null && old[field] is not null))
        {
            spec[field] = old[field]!.DeepClone();
        }

        return next.With(("spec", spec));
    }

    // Versions in which there may still be objects.
    private static JsonObject Definition(JsonObject next)
    {
        var status = next.Object("status") ?? [];
        var stored = next.Object("spec")?.Objects("versions").FirstOrDefault(version => version.Flag("storage"))?.Text("name") ?? "";
        return next.With(("status", status.With(
            ("acceptedNames", next.Object("spec")?["names"]),
            ("storedVersions", new JsonArray([.. status.Texts("storedVersions").Append(stored).Distinct(StringComparer.Ordinal).Select(name => (JsonNode)name)])))));
    }
}
