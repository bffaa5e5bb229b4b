using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Holds values against the schema of a custom resource, and says what is wrong as Kubernetes does.</summary>
internal static class SchemaValidation
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(200);

    /// <param name="value">What is checked.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Where it is; empty for an object.</param>
    public static IReadOnlyList<FieldError> Of(JsonNode? value, JsonObject schema, string path = "")
    {
        var errors = new List<FieldError>();
        Check(value, schema, path, errors);
        return errors;
    }

    public static Regex Pattern(string pattern) => new(pattern, RegexOptions.CultureInvariant, PatternTime);

    private static void Check(JsonNode? value, JsonObject schema, string path, List<FieldError> errors)
    {
        if (value is null && schema.Says("nullable"))
        {
            return;
        }

        if (!HasType(value, schema))
        {
            var type = SchemaNodes.TypeOf(value);
            var wanted = schema.IsIntOrString() ? "integer,string" : schema.Type();
            errors.Add(FieldError.WrongType(path, type, $"{path} in body must be of type {wanted}: \"{type}\""));
            return;
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            errors.Add(FieldError.Unsupported(path, value, allowed));
        }

        switch (value)
        {
            case JsonObject map:
                CheckObject(map, schema, path, errors);
                break;
            case JsonArray list:
                CheckList(list, schema, path, errors);
                break;
            case not null when SchemaNodes.TypeOf(value) is "integer" or "number":
                CheckNumber(value, schema, path, errors);
                break;
            case not null when SchemaNodes.TypeOf(value) == "string":
                CheckText(value, schema, path, errors);
                break;
        }

        CheckJunctors(value, schema, path, errors);
    }

    private static bool HasType(JsonNode? value, JsonObject schema) => (schema.Type(), SchemaNodes.TypeOf(value)) switch
    {
        var (_, type) when schema.IsIntOrString() => type is "integer" or "string",
        ("", _) => true,
        ("number", "integer") => true,
        var (wanted, type) => wanted == type,
    };

    private static void CheckObject(JsonObject map, JsonObject schema, string path, List<FieldError> errors)
    {
        errors.AddRange(schema.Names("required").Where(name => !map.ContainsKey(name)).Select(name => FieldError.Required(SchemaNodes.At(path, name))));
        if (map.Count > schema.Limit("maxProperties"))
        {
            errors.Add(FieldError.TooMany(path, map.Count, (long)schema.Limit("maxProperties")!));
        }

        if (map.Count < schema.Limit("minProperties"))
        {
            errors.Add(Wrong(path, map, $"should have at least {Word(schema, "minProperties")} properties"));
        }

        foreach (var (name, inner) in map)
        {
            if (schema.Field(name) is { } field)
            {
                Check(inner, field, SchemaNodes.At(path, name), errors);
            }
        }
    }

    private static void CheckList(JsonArray list, JsonObject schema, string path, List<FieldError> errors)
    {
        if (list.Count > schema.Limit("maxItems"))
        {
            errors.Add(FieldError.TooMany(path, list.Count, (long)schema.Limit("maxItems")!));
        }

        if (list.Count < schema.Limit("minItems"))
        {
            errors.Add(Wrong(path, list, $"should have at least {Word(schema, "minItems")} items"));
        }

        for (var index = 0; schema.Items() is { } items && index < list.Count; index++)
        {
            Check(list[index], items, SchemaNodes.At(path, index), errors);
        }

        CheckUnique(list, schema, path, errors);
    }

    private static void CheckUnique(JsonArray list, JsonObject schema, string path, List<FieldError> errors)
    {
        var structure = new SchemaStructure(schema, isResource: false);
        if (!Apply.Elements.IsAssociative(list, structure))
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < list.Count; index++)
        {
            var key = Apply.Elements.Item(list[index], structure);
            if (!seen.Add(key))
            {
                errors.Add(FieldError.Duplicate(SchemaNodes.At(path, index), JsonNode.Parse(key[2..])));
            }
        }
    }

    private static void CheckNumber(JsonNode value, JsonObject schema, string path, List<FieldError> errors)
    {
        var number = SchemaNodes.Number(value);
        var (isAbove, isBelow) = (schema.Says("exclusiveMinimum"), schema.Says("exclusiveMaximum"));
        if (schema.Limit("minimum") is { } least && (number < least || (isAbove && number == least)))
        {
            errors.Add(Wrong(path, value, $"should be greater than {(isAbove ? "" : "or equal to ")}{Word(schema, "minimum")}"));
        }

        if (schema.Limit("maximum") is { } most && (number > most || (isBelow && number == most)))
        {
            errors.Add(Wrong(path, value, $"should be less than {(isBelow ? "" : "or equal to ")}{Word(schema, "maximum")}"));
        }

        if (schema.Limit("multipleOf") is { } factor && !double.IsInteger(number / factor))
        {
            errors.Add(Wrong(path, value, $"should be a multiple of {Word(schema, "multipleOf")}"));
        }
    }

    private static void CheckText(JsonNode value, JsonObject schema, string path, List<FieldError> errors)
    {
        var text = value.GetValue<string>();
        var length = new StringInfo(text).LengthInTextElements == text.Length ? text.Length : text.EnumerateRunes().Count();
        if (length > schema.Limit("maxLength"))
        {
            errors.Add(FieldError.TooLong(path, (long)schema.Limit("maxLength")!));
        }

        if (length < schema.Limit("minLength"))
        {
            errors.Add(Wrong(path, value, $"should be at least {Word(schema, "minLength")} chars long"));
        }

        if (schema["pattern"]?.GetValue<string>() is { } pattern && !Pattern(pattern).IsMatch(text))
        {
            errors.Add(Wrong(path, value, $"should match '{pattern}'"));
        }

        if (schema["format"]?.GetValue<string>() is { } format && !Formats.Has(text, format))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must be of type {format}: {FieldError.Word(value)}"));
        }
    }

    private static void CheckJunctors(JsonNode? value, JsonObject schema, string path, List<FieldError> errors)
    {
        foreach (var part in schema.All("allOf"))
        {
            Check(value, part, path, errors);
        }

        if (schema["anyOf"] is JsonArray { Count: > 0 } && !schema.All("anyOf").Any(part => Of(value, part, path).Count == 0))
        {
            errors.Add(FieldError.Invalid(path, value, $"\"{path}\" must validate at least one schema (anyOf)"));
        }

        if (schema["oneOf"] is JsonArray { Count: > 0 } && schema.All("oneOf").Count(part => Of(value, part, path).Count == 0) is var count and not 1)
        {
            errors.Add(FieldError.Invalid(path, value, $"\"{path}\" must validate one and only one schema (oneOf). Found {(count == 0 ? "none valid" : $"{count} valid alternatives")}"));
        }

        if (schema["not"] is JsonObject not && Of(value, not, path).Count == 0)
        {
            errors.Add(FieldError.Invalid(path, value, $"\"{path}\" must not validate the schema (not)"));
        }
    }

    private static FieldError Wrong(string path, JsonNode value, string how) => FieldError.Invalid(path, value, $"{path} in body {how}");

    private static string Word(JsonObject schema, string keyword) => schema[keyword]!.ToJsonString();
}
