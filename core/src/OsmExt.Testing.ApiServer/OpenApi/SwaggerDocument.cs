using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.OpenApi;

/// <summary>OpenAPI version 2, one document for everything: older clients read which fields kinds have from it, and whether addresses take <c>fieldValidation</c>.</summary>
internal static class SwaggerDocument
{
    public const string Path = "/openapi/v2";

    private static readonly string[] PatchParameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    public static JsonObject Of(KindTable kinds)
    {
        var schemas = new OpenApiSchemas("#/definitions/", wrapped: false);
        var paths = new JsonObject();
        foreach (var kind in kinds.All)
        {
            schemas.Add(kind);
            if (!kind.CreateOnly)
            {
                paths[OpenApiDocuments.Addresses(kind).One] = new JsonObject { ["patch"] = new JsonObject
                {
                    ["parameters"] = new JsonArray([.. PatchParameters.Select(name => new JsonObject { ["name"] = name, ["in"] = "query", ["type"] = "string" })]),
                    ["x-kubernetes-group-version-kind"] = OpenApiDocuments.GroupVersionKind(kind),
                } };
            }
        }

        return new()
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.34.0" },
            ["paths"] = paths,
            ["definitions"] = schemas.ToJson(),
        };
    }
}
