using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Types;

namespace OsmExt.Testing.ApiServer.OpenApi;

/// <summary>Writes OpenAPI version 2 as the protobuf that clients ask for it in; what they do not read of it is left out.</summary>
internal static class SwaggerProtobuf
{
    public const string ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Write(JsonObject document)
    {
        var output = new WireWriter();
        output.Text(1, document.Text("swagger"));
        output.Message(2, info =>
        {
            info.Text(1, document.Object("info")?.Text("title"));
            info.Text(2, document.Object("info")?.Text("version"));
        });
        output.Message(8, paths => Named(paths, 2, document.Object("paths"), Path));
        output.Message(9, definitions => Named(definitions, 1, document.Object("definitions"), Schema));
        return output.ToArray();
    }

    private static void Named(WireWriter output, int number, JsonObject? values, Action<WireWriter, JsonObject> write)
    {
        foreach (var (name, value) in values ?? [])
        {
            output.Message(number, entry =>
            {
                entry.Text(1, name);
                entry.Message(2, inner => write(inner, (JsonObject)value!));
            });
        }
    }

    private static void Path(WireWriter output, JsonObject path) => output.Message(8, operation =>
    {
        foreach (var parameter in path.Object("patch")!.Objects("parameters"))
        {
            // A parameter that is none of the body, in the query.
            operation.Message(8, item => item.Message(1, any => any.Message(2, outside => outside.Message(3, query =>
            {
                query.Text(2, "query");
                query.Text(4, parameter.Text("name"));
                query.Text(6, parameter.Text("type"));
            }))));
        }

        Extensions(operation, 13, path.Object("patch")!);
    });

    private static void Schema(WireWriter output, JsonObject schema)
    {
        output.Text(1, schema.Text("$ref"));
        output.Text(2, schema.Text("format"));
        output.Text(4, schema.Text("description"));
        foreach (var required in schema.Texts("required"))
        {
            output.Text(19, required);
        }

        if (schema["additionalProperties"] is { } additional)
        {
            output.Message(21, item =>
            {
                if (additional is JsonObject values)
                {
                    item.Message(1, inner => Schema(inner, values));
                }
                else
                {
                    item.Number(2, additional.GetValueKind() == JsonValueKind.True ? 1UL : 0);
                }
            });
        }

        if (schema.Text("type") is { } type)
        {
            output.Message(22, item => item.Text(1, type));
        }

        if (schema.Object("items") is { } items)
        {
            output.Message(23, item => item.Message(1, inner => Schema(inner, items)));
        }

        if (schema.Object("properties") is { } properties)
        {
            output.Message(25, inner => Named(inner, 1, properties, Schema));
        }

        Extensions(output, 31, schema);
    }

    // JSON is YAML, which is what they are read as.
    private static void Extensions(WireWriter output, int number, JsonObject value)
    {
        foreach (var (name, extension) in value.Where(field => field.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            output.Message(number, entry =>
            {
                entry.Text(1, name);
                entry.Message(2, any => any.Text(2, extension?.ToJsonString()));
            });
        }
    }
}
