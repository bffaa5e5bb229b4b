using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Types;

namespace OsmExt.Testing.ApiServer.OpenApi;

/// <summary>Collects the schemas of kinds, with those of all types they are made of.</summary>
internal sealed class OpenApiSchemas(string prefix, bool wrapped = true)
{
    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    public JsonObject ToJson() => new(_schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value)));

    public JsonObject Reference(string name) => new() { ["$ref"] = prefix + name };

    /// <summary>Adds a kind's schema; its name.</summary>
    public string Add(ResourceKind kind)
    {
        string name;
        if (kind.Custom is { } custom)
        {
            name = $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Kind}";
            _schemas[name] = Custom(custom.Schema ?? new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });
        }
        else if (BuiltInTypes.Of(kind.Group, kind.Version, kind.Kind) is { } type)
        {
            name = Add(type, withHeader: true);
        }
        else
        {
            name = $"io.k8s.{kind.Group}.{kind.Version}.{kind.Kind}";
            _schemas[name] = Custom(new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });
        }

        var kinds = _schemas[name]["x-kubernetes-group-version-kind"] as JsonArray;
        if (kinds is null)
        {
            _schemas[name]["x-kubernetes-group-version-kind"] = kinds = [];
        }

        kinds.Add(OpenApiDocuments.GroupVersionKind(kind));
        return name;
    }

    private static string NameOf(string type) => type.StartsWith("meta.", StringComparison.Ordinal) ? $"io.k8s.apimachinery.pkg.apis.{type}" : $"io.k8s.api.{type}";

    private JsonObject Custom(JsonObject schema)
    {
        var copy = schema.Copy();
        var properties = copy.Object("properties") ?? [];
        copy["properties"] = properties.With(("apiVersion", Scalar("string")), ("kind", Scalar("string")), ("metadata", Whole(Reference(Add(BuiltInTypes.Find("meta.v1.ObjectMeta")!)))));
        return copy;
    }

    private string Add(BuiltInType type, bool withHeader = false)
    {
        var name = NameOf(type.Name);
        if (_schemas.ContainsKey(name))
        {
            return name;
        }

        var schema = new JsonObject { ["type"] = "object" };
        _schemas[name] = schema;
        var properties = new JsonObject();
        if (withHeader)
        {
            properties["apiVersion"] = Scalar("string");
            properties["kind"] = Scalar("string");
        }

        Fields(type, properties);
        if (properties.Count > 0)
        {
            schema["properties"] = properties;
        }

        return name;
    }

    private void Fields(BuiltInType type, JsonObject properties)
    {
        foreach (var field in type.Fields)
        {
            if (field.Shape == FieldShape.Inline)
            {
                Fields(BuiltInTypes.Find(field.Value)!, properties);
                continue;
            }

            var value = Value(field.Value);
            properties[field.Name] = field.Shape switch
            {
                FieldShape.List => new JsonObject { ["type"] = "array", ["items"] = value },
                FieldShape.Map => new JsonObject { ["type"] = "object", ["additionalProperties"] = value },
                _ => Whole(value),
            };
        }
    }

    // In version 3 nothing may stand beside a reference, so one in a field is wrapped, as Kubernetes does.
    private JsonObject Whole(JsonObject value) => wrapped && value.ContainsKey("$ref") ? new() { ["allOf"] = new JsonArray(value) } : value;

    private JsonObject Value(string type) => type switch
    {
        "string" or "duration" or "quantity" => Scalar("string"),
        "bool" => Scalar("boolean"),
        "int32" or "int64" or "uint32" => new() { ["type"] = "integer", ["format"] = type },
        "double" => new() { ["type"] = "number", ["format"] = "double" },
        "bytes" => new() { ["type"] = "string", ["format"] = "byte" },
        "time" or "microtime" => new() { ["type"] = "string", ["format"] = "date-time" },
        "intorstring" when !wrapped => new() { ["type"] = "string", ["format"] = "int-or-string" },
        "intorstring" => new() { ["format"] = "int-or-string", ["oneOf"] = new JsonArray(Scalar("integer"), Scalar("string")) },
        "raw" => new() { ["type"] = "object" },
        _ when BuiltInTypes.Find(type) is { IsList: true } => new() { ["type"] = "array", ["items"] = Scalar("string") },
        _ => Reference(Add(BuiltInTypes.Find(type)!)),
    };

    private static JsonObject Scalar(string type) => new() { ["type"] = type };
}
