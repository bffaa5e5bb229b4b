using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>One served version of a CustomResourceDefinition.</summary>
/// <param name="Definition">The whole CustomResourceDefinition.</param>
/// <param name="Version">The element of <c>spec.versions</c>.</param>
internal sealed record CustomVersion(JsonObject Definition, JsonObject Version)
{
    /// <summary>The structural schema, if the version has one.</summary>
    public JsonObject? Schema => Version.Object("schema")?.Object("openAPIV3Schema");

    /// <summary>Where its scale is, if it has one.</summary>
    public JsonObject? Scale => Version.Object("subresources")?.Object("scale");
}

/// <summary>Reads which kinds a CustomResourceDefinition makes.</summary>
internal static class CustomKinds
{
    /// <summary>A row for each served version, best version first.</summary>
    public static IEnumerable<ResourceKind> Of(JsonObject definition)
    {
        var spec = definition.Object("spec");
        var names = spec?.Object("names");
        if (spec?.Text("group") is not { } group || names?.Text("plural") is not { } plural || names.Text("kind") is not { } kind)
        {
            yield break;
        }

        var versions = spec.Objects("versions").ToList();
        var stored = versions.FirstOrDefault(version => version.Flag("storage"))?.Text("name") ?? "";
        foreach (var version in versions.Where(version => version.Flag("served")).OrderBy(version => version.Text("name"), VersionOrder.Best))
        {
            yield return new(group, version.Text("name") ?? "", plural, names.Text("singular") ?? kind.ToLowerInvariant(), kind, spec.Text("scope") != "Cluster")
            {
                ShortNames = [.. names.Texts("shortNames")],
                Categories = [.. names.Texts("categories")],
                ListKind = names.Text("listKind") ?? kind + "List",
                StorageVersion = stored,
                CountsGenerations = true,
                Subresources = [.. Below(version, group, version.Text("name") ?? "", kind)],
                Custom = new(definition, version),
            };
        }
    }

    private static ImmutableArray<Subresource> Below(JsonObject version, string group, string name, string kind)
    {
        var subresources = version.Object("subresources");
        ImmutableArray<Subresource> below = [];
        if (subresources?["status"] is JsonObject)
        {
            below = below.Add(new("status", group, name, kind, ["get", "patch", "update"]));
        }

        return subresources?["scale"] is JsonObject ? below.Add(new("scale", "autoscaling", "v1", "Scale", ["get", "patch", "update"])) : below;
    }
}
