using System.Text.Json.Nodes;
using OsmExt.PluginHost.Manifests;
using OsmExt.Yaml;

namespace OsmExt.Testing.ApiServer.Authorization;

/// <summary>The roles and bindings that a new cluster has, from <c>bootstrap.yaml</c>.</summary>
internal static class BootstrapRoles
{
    public static IReadOnlyList<JsonObject> All { get; } = Read();

    private static JsonObject[] Read()
    {
        using var stream = typeof(BootstrapRoles).Assembly.GetManifestResourceStream("bootstrap.yaml")!;
        using var reader = new StreamReader(stream);
        var objects = YamlText.Read(reader.ReadToEnd()).Documents.Select(document => YamlJson.Of(document.Root)!.AsObject()).ToArray();
        foreach (var value in objects)
        {
            value["metadata"]!["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" };
            value["metadata"]!["labels"] = Labelled(value["metadata"]!["labels"] as JsonObject);
        }

        return objects;
    }

    private static JsonObject Labelled(JsonObject? labels)
    {
        var result = labels?.DeepClone().AsObject() ?? [];
        result["kubernetes.io/bootstrapping"] = "rbac-defaults";
        return result;
    }
}
