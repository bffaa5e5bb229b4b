using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using OsmExt.PluginHost.Cel;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>The rules that a schema has in <c>x-kubernetes-validations</c>, by the subset of CEL that plugins' kinds have.</summary>
internal static class CelRules
{
    private const string Extension = "x-kubernetes-validations";
    private static readonly ConditionalWeakTable<JsonObject, CelNode> Read = [];
    private static readonly ConfigSchema Anything = new(ConfigType.Object) { IgnoresUnknown = true };

    /// <summary>What is wrong with the rules of a schema itself, without those below it.</summary>
    public static IEnumerable<FieldError> Check(JsonObject schema, string path)
    {
        var rules = schema.All(Extension).ToArray();
        for (var index = 0; index < rules.Length; index++)
        {
            var at = SchemaNodes.At($"{path}.{Extension}", index);
            if (rules[index]["rule"]?.GetValue<string>() is not { Length: > 0 } text)
            {
                yield return FieldError.Required($"{at}.rule", "rule is not specified");
            }
            else if (Problem(text, schema) is { } problem)
            {
                yield return FieldError.Invalid($"{at}.rule", text, $"compilation failed: ERROR: <input>:1: {problem}");
            }
        }
    }

    /// <summary>The rules that a value breaks.</summary>
    /// <param name="old">What the value was before; null when there was none, and rules about it do not count.</param>
    public static IReadOnlyList<FieldError> Broken(JsonNode? value, JsonNode? old, JsonObject schema, string path = "") => [.. Below(value, old, schema, path, new())];

    private static IEnumerable<FieldError> Below(JsonNode? value, JsonNode? old, JsonObject schema, string path, CelBudget budget)
    {
        if (value is null)
        {
            yield break;
        }

        foreach (var rule in schema.All(Extension))
        {
            if (Broken(rule, value, old, schema, path, budget) is { } error)
            {
                yield return error;
            }
        }

        foreach (var (inner, before, field, at) in Parts(value, old, schema, path))
        {
            foreach (var error in Below(inner, before, field, at, budget))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<(JsonNode? Value, JsonNode? Old, JsonObject Schema, string Path)> Parts(JsonNode value, JsonNode? old, JsonObject schema, string path)
    {
        if (value is JsonObject map)
        {
            return map.Where(field => schema.Field(field.Key) is not null).Select(field => (field.Value, (old as JsonObject)?[field.Key], schema.Field(field.Key)!, SchemaNodes.At(path, field.Key)));
        }

        if (value is not JsonArray list || schema.Items() is not { } items)
        {
            return [];
        }

        // Only items with keys can be told apart from what they were.
        var structure = new SchemaStructure(schema, isResource: false);
        var known = structure.List == Structures.ListKind.Map && old is JsonArray before && Apply.Elements.IsAssociative(before, structure) ? Apply.Elements.Items(before, structure, path, strict: false) : null;
        return list.Select((item, index) => (item, known is not null && item is JsonObject ? known.GetValueOrDefault(Apply.Elements.Item(item, structure)) : null, items, SchemaNodes.At(path, index)));
    }

    private static FieldError? Broken(JsonObject rule, JsonNode value, JsonNode? old, JsonObject schema, string path, CelBudget budget)
    {
        var text = rule["rule"]!.GetValue<string>();
        var isAboutChange = text.Contains("oldSelf", StringComparison.Ordinal);
        if (isAboutChange && old is null)
        {
            return null;
        }

        KeyValuePair<string, object?>[] names = [KeyValuePair.Create("self", CelValues.Of(value, schema)), .. isAboutChange ? [KeyValuePair.Create("oldSelf", CelValues.Of(old, schema))] : Array.Empty<KeyValuePair<string, object?>>()];
        var at = path + (rule["fieldPath"]?.GetValue<string>() ?? "");
        at = path.Length == 0 ? at.TrimStart('.') : at;
        try
        {
            return CelEvaluation.Holds(Read.GetValue(rule, static rule => CelParser.Parse(rule["rule"]!.GetValue<string>())), names, budget) ? null
                : Error(rule["reason"]?.GetValue<string>(), at, value, Message(rule, names, budget));
        }
        catch (CelException failure)
        {
            return FieldError.Invalid(path, value, $"rule evaluation error: {failure.Message}, rule: {text}");
        }
    }

    private static string Message(JsonObject rule, KeyValuePair<string, object?>[] names, CelBudget budget)
    {
        if (rule["messageExpression"]?.GetValue<string>() is { Length: > 0 } expression)
        {
            try
            {
                return CelEvaluation.Value(CelParser.Parse(expression), names, budget) is string { Length: > 0 } made ? made : Written(rule);
            }
            catch (CelException failure) when (!failure.IsFinal)
            {
                // A message that cannot be made does not make the object right.
            }
        }

        return Written(rule);
    }

    private static string Written(JsonObject rule) => rule["message"]?.GetValue<string>() is { Length: > 0 } message ? message : $"failed rule: {rule["rule"]!.GetValue<string>().Trim()}";

    private static FieldError Error(string? reason, string path, JsonNode value, string message) => reason switch
    {
        "FieldValueRequired" => FieldError.Required(path, message),
        "FieldValueForbidden" => FieldError.Forbidden(path, message),
        "FieldValueDuplicate" => FieldError.Duplicate(path, value),
        _ => FieldError.Invalid(path, value, message),
    };

    private static string? Problem(string text, JsonObject schema)
    {
        try
        {
            var self = schema.IsIntOrString() ? CelKnown.Unknown : schema.Type() switch
            {
                "object" => CelKnown.Of(Anything),
                "array" => new(ConfigType.Array),
                "string" => new(ConfigType.String),
                "integer" => new(ConfigType.Integer),
                "number" => new(ConfigType.Number),
                "boolean" => new(ConfigType.Boolean),
                _ => CelKnown.Unknown,
            };
            CelCheck.Rule(CelParser.Parse(text), [KeyValuePair.Create("self", self), KeyValuePair.Create("oldSelf", self)]);
            return null;
        }
        catch (CelException failure)
        {
            return failure.Message;
        }
    }
}
