using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.OpenApi;

/// <summary>OpenAPI version 3, a document for each version of a group: which fields kinds have, and which parameters their addresses take.</summary>
internal static class OpenApiDocuments
{
    private const string Root = "/openapi/v3";

    /// <summary>The document at an address; null when it is none of these.</summary>
    public static JsonObject? At(string path, KindTable kinds)
    {
        if (path == Root)
        {
            var documents = Versions(kinds).Select(version => KeyValuePair.Create(version.Key, (JsonNode?)new JsonObject { ["serverRelativeURL"] = $"{Root}/{version.Key}" }));
            return new() { ["paths"] = new JsonObject(documents) };
        }

        return path.StartsWith(Root, StringComparison.Ordinal) && Versions(kinds).FirstOrDefault(version => $"{Root}/{version.Key}" == path) is { } found ? Document(found.ToList()) : null;
    }

    private static IEnumerable<IGrouping<string, ResourceKind>> Versions(KindTable kinds)
        => kinds.All.GroupBy(kind => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}", StringComparer.Ordinal);

    private static JsonObject Document(IReadOnlyList<ResourceKind> kinds)
    {
        var schemas = new OpenApiSchemas("#/components/schemas/");
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            var name = schemas.Add(kind);
            var (all, one) = Addresses(kind);
            paths[all] = new JsonObject { ["get"] = Operation(kind, "list", []), ["post"] = Operation(kind, "post", ["dryRun", "fieldManager", "fieldValidation"], schemas.Reference(name)) };
            if (!kind.CreateOnly)
            {
                paths[one] = new JsonObject
                {
                    ["get"] = Operation(kind, "get", []),
                    ["put"] = Operation(kind, "put", ["dryRun", "fieldManager", "fieldValidation"], schemas.Reference(name)),
                    ["patch"] = Operation(kind, "patch", ["dryRun", "fieldManager", "fieldValidation", "force"]),
                    ["delete"] = Operation(kind, "delete", ["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
                };
            }
        }

        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.34.0" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.ToJson() },
        };
    }

    public static (string All, string One) Addresses(ResourceKind kind)
    {
        var prefix = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.Group}/{kind.Version}";
        var all = kind.Namespaced ? $"{prefix}/namespaces/{{namespace}}/{kind.Plural}" : $"{prefix}/{kind.Plural}";
        return (all, $"{all}/{{name}}");
    }

    public static JsonObject GroupVersionKind(ResourceKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonObject Operation(ResourceKind kind, string action, string[] parameters, JsonObject? body = null)
    {
        var operation = new JsonObject
        {
            ["operationId"] = string.Create(CultureInfo.InvariantCulture, $"{action}{kind.Group}{kind.Version}{kind.Kind}"),
            ["parameters"] = new JsonArray([.. parameters.Select(name => new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } })]),
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = GroupVersionKind(kind),
        };
        if (body is not null)
        {
            operation["requestBody"] = new JsonObject { ["content"] = new JsonObject { ["*/*"] = new JsonObject { ["schema"] = body } } };
        }

        return operation;
    }
}
