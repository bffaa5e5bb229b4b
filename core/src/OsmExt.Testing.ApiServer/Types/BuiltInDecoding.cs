using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Types;

/// <summary>Takes objects of Kubernetes' own kinds as their types have them: fields nobody knows are left out, values of the wrong type are refused.</summary>
internal static class BuiltInDecoding
{
    // Around every object, and in no type's line.
    private static readonly string[] Header = ["apiVersion", "kind"];

    /// <summary>The object without unknown fields, and where those were.</summary>
    public static (JsonObject Value, IReadOnlyList<string> Unknown) Apply(JsonObject sent, BuiltInType type)
    {
        var unknown = new List<string>();
        var value = Fields(sent, type, "", unknown);
        return (value, unknown);
    }

    private static JsonObject Fields(JsonObject sent, BuiltInType type, string path, List<string> unknown)
    {
        var result = new JsonObject();
        foreach (var (name, value) in sent)
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (path.Length == 0 && Header.Contains(name))
            {
                result[name] = value?.DeepClone();
            }
            else if (Find(type, name) is { } field)
            {
                result[name] = Field(value, field, at, unknown);
            }
            else
            {
                unknown.Add(at);
            }
        }

        return result;
    }

    private static TypeField? Find(BuiltInType type, string name)
    {
        foreach (var field in type.Fields)
        {
            if (field.Shape == FieldShape.Inline ? Find(BuiltInTypes.Find(field.Value)!, name) is { } inner : field.Name == name)
            {
                return field.Shape == FieldShape.Inline ? Find(BuiltInTypes.Find(field.Value)!, name) : field;
            }
        }

        return null;
    }

    private static JsonNode? Field(JsonNode? value, TypeField field, string path, List<string> unknown) => (field.Shape, value) switch
    {
        (_, null) => null,
        (FieldShape.List, JsonArray list) => new JsonArray([.. list.Select((item, index) => Value(item, field.Value, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), unknown))]),
        (FieldShape.Map, JsonObject map) => new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Key, Value(entry.Value, field.Value, $"{path}.{entry.Key}", unknown)))),
        (FieldShape.List or FieldShape.Map, _) => throw Wrong(value, path, field.Shape == FieldShape.List ? "a list" : "an object"),
        _ => Value(value, field.Value, path, unknown),
    };

    private static JsonNode? Value(JsonNode? value, string type, string path, List<string> unknown)
    {
        if (BuiltInTypes.Find(type) is { } known)
        {
            return value switch
            {
                null => null,
                JsonObject fields when !known.IsList => Fields(fields, known, path, unknown),
                JsonArray list when known.IsList => list.DeepClone(),
                _ => throw Wrong(value, path, known.IsList ? "a list" : "an object"),
            };
        }

        var kind = value?.GetValueKind() ?? JsonValueKind.Null;
        var fits = type switch
        {
            "string" or "time" or "microtime" or "bytes" or "duration" => kind is JsonValueKind.String or JsonValueKind.Null,
            "bool" => kind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null,
            "int32" or "int64" or "uint32" => kind is JsonValueKind.Null
                || (kind is JsonValueKind.Number && long.TryParse(value!.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)),
            "double" => kind is JsonValueKind.Number or JsonValueKind.Null,
            "quantity" or "intorstring" => kind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.Null,
            _ => true,
        };
        return fits ? value?.DeepClone() : throw Wrong(value, path, type);
    }

    private static Refusal Wrong(JsonNode? value, string path, string wanted)
        => Refusal.BadRequest($"cannot unmarshal {FieldError.Word(value)} into field {path}, which is {wanted}");
}
