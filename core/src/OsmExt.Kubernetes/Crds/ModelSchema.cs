using System.Collections.Frozen;
using System.ComponentModel;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Crds;

/// <summary>
/// Makes the structural schema of a model class, as one version of its kind has it: the fields that the manifest reader takes, and what attributes say about them. What
/// it cannot put into a schema is refused, never left out.
/// </summary>
internal sealed partial class ModelSchema(string version)
{
    private static readonly FrozenDictionary<Type, (string Type, string? Format)> Scalars = new Dictionary<Type, (string, string?)>
    {
        [typeof(string)] = ("string", null),
        [typeof(bool)] = ("boolean", null),
        [typeof(int)] = ("integer", "int32"),
        [typeof(long)] = ("integer", "int64"),
    }.ToFrozenDictionary();

    /// <summary>The schema of objects of the class.</summary>
    public JsonObject Of(Type type)
    {
        if (Scalars.TryGetValue(Nullable.GetUnderlyingType(type) ?? type, out var scalar))
        {
            var schema = new JsonObject { ["type"] = scalar.Type };
            if (scalar.Format is { } format)
            {
                schema["format"] = format;
            }

            return schema;
        }

        return type switch
        {
            _ when type == typeof(HeaderPatterns) => new() { ["x-kubernetes-preserve-unknown-fields"] = true },
            _ when type == typeof(ResourceQuantity) => Quantity(),
            _ when type == typeof(V1ResourceRequirements) => Resources(),
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IList<>) => List(type.GenericTypeArguments[0]),
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IDictionary<,>)
                => new() { ["type"] = "object", ["additionalProperties"] = Of(type.GenericTypeArguments[1]) },
            { IsClass: true } when type.Namespace == typeof(ModelSchema).Namespace![..^"Crds".Length] + "Models" => Object(type),
            _ => throw new NotSupportedException($"{type} has no schema"),
        };
    }

    private JsonObject Object(Type type)
    {
        var shape = ModelShape.Of(type);
        var fields = shape.Fields(version).ToArray();
        var schema = new JsonObject { ["type"] = "object" };
        if (fields.Where(field => SchemaWords.IsRequired(field.Value.Attributes)).Select(field => (JsonNode)field.Key).ToArray() is { Length: > 0 } required)
        {
            schema["required"] = new JsonArray(required);
        }

        if (fields.Length > 0)
        {
            schema["properties"] = new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Field(field.Value))));
        }

        SchemaWords.Add(schema, shape.Attributes.Where(attribute => attribute is DescriptionAttribute || (attribute is CelRuleAttribute rule && Has(rule, shape))));
        return schema;
    }

    private JsonObject Field(ModelField field)
    {
        var schema = Of(field.Type);
        SchemaWords.Add(schema, field.Attributes);
        return schema;
    }

    private JsonObject List(Type item)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Of(item) };
        var keys = Scalars.ContainsKey(item) ? [] : ModelShape.Of(item).Fields(version).Where(field => SchemaWords.IsKey(field.Value.Attributes)).Select(field => (JsonNode)field.Key).ToArray();
        if (keys.Length > 0)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray(keys);
        }

        return schema;
    }

    // A rule about fields that this version does not have would make the definition unusable.
    private bool Has(CelRuleAttribute rule, ModelShape shape)
        => SelfField().Matches(rule.Rule).All(match => shape.Names(version).Contains(match.Groups["name"].Value, StringComparer.Ordinal));

    private static JsonObject Quantity() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["pattern"] = Patterns.Quantity,
        ["x-kubernetes-int-or-string"] = true,
    };

    private static JsonObject Resources() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["limits"] = new JsonObject { ["description"] = "The most that it may use.", ["type"] = "object", ["additionalProperties"] = Quantity() },
            ["requests"] = new JsonObject { ["description"] = "What is set aside for it.", ["type"] = "object", ["additionalProperties"] = Quantity() },
        },
    };

    [GeneratedRegex(@"\bself\.(__)?(?<name>[A-Za-z0-9]+?)(__)?\b", RegexOptions.ExplicitCapture)]
    private static partial Regex SelfField();
}
