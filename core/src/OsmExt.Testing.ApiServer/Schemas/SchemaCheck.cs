using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Whether a schema is structural, as Kubernetes wants it of custom resources: each value has one type, which can be told without looking at values.</summary>
internal sealed class SchemaCheck
{
    private static readonly string[] Types = ["object", "array", "string", "integer", "number", "boolean"];
    private static readonly string[] Junctors = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] Keywords =
    [
        "title", "type", "format", "description", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
        "multipleOf", "enum", "maxProperties", "minProperties", "required", "items", "allOf", "oneOf", "anyOf", "not", "properties", "additionalProperties", "externalDocs", "example", "nullable",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type",
        "x-kubernetes-validations",
    ];

    // What only the structure itself may say.
    private static readonly string[] StructuralOnly = ["type", "description", "title", "default", "nullable", "additionalProperties", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations"];

    private readonly List<FieldError> _errors = [];

    /// <param name="schema">The schema of a version.</param>
    /// <param name="path">Where in the definition it is.</param>
    public static IReadOnlyList<FieldError> Of(JsonObject schema, string path)
    {
        var check = new SchemaCheck();
        if (schema.Type().Length == 0)
        {
            check._errors.Add(FieldError.Required($"{path}.type", "must not be empty at the root"));
        }
        else if (schema.Type() != "object")
        {
            check._errors.Add(FieldError.Invalid($"{path}.type", schema.Type(), "must be object at the root"));
        }

        if (schema.Property("metadata") is { } metadata && metadata.Properties().Any(property => property.Key is not ("name" or "generateName")))
        {
            check._errors.Add(FieldError.Forbidden($"{path}.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified"));
        }

        check.Structure(schema, path);
        return check._errors;
    }

    private void Structure(JsonObject schema, string path)
    {
        _errors.AddRange(schema.Select(field => field.Key).Except(Keywords).Select(name => name == "$ref" ? FieldError.Forbidden($"{path}.$ref", "$ref is not supported")
            : FieldError.Invalid(path, name, "unknown field")));
        if (schema.Type() is { Length: > 0 } type && !Types.Contains(type))
        {
            _errors.Add(FieldError.Unsupported($"{path}.type", type, Types.Select(word => (JsonNode?)word)));
        }

        if (schema["properties"] is not null && schema["additionalProperties"] is not null)
        {
            _errors.Add(FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }

        if (schema.Says("uniqueItems"))
        {
            _errors.Add(FieldError.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }

        if (schema.Type() == "array" && schema.Items() is null)
        {
            _errors.Add(schema["items"] is JsonArray ? FieldError.Forbidden($"{path}.items", "items must be a schema object and not an array") : FieldError.Required($"{path}.items", "must be specified"));
        }

        if (schema.IsEmbedded() && schema.Type() != "object")
        {
            _errors.Add(FieldError.Invalid($"{path}.type", schema.Type(), "must be object if x-kubernetes-embedded-resource is true"));
        }

        if (schema.IsIntOrString() && schema.Type().Length > 0)
        {
            _errors.Add(FieldError.Invalid($"{path}.type", schema.Type(), "must be empty if x-kubernetes-int-or-string is true"));
        }

        Limits(schema, path);
        ListKeys(schema, path);
        Default(schema, path);
        _errors.AddRange(CelRules.Check(schema, path));
        ValueRules(schema, schema, path);
        foreach (var (name, property) in schema.Properties())
        {
            Field(property as JsonObject ?? [], $"{path}.properties[{name}]", "must not be empty for specified object fields");
        }

        if (schema["additionalProperties"] is JsonObject values)
        {
            Field(values, $"{path}.additionalProperties", "must not be empty for specified object fields");
        }

        if (schema.Items() is { } items)
        {
            Field(items, $"{path}.items", "must not be empty for specified array items");
        }
    }

    private void Field(JsonObject schema, string path, string untyped)
    {
        if (schema.Type().Length == 0 && !schema.IsIntOrString() && !schema.KeepsUnknown())
        {
            _errors.Add(FieldError.Required($"{path}.type", untyped));
        }

        Structure(schema, path);
    }

    private void Limits(JsonObject schema, string path)
    {
        if (schema["pattern"]?.GetValue<string>() is not { } pattern)
        {
            return;
        }

        try
        {
            _ = SchemaValidation.Pattern(pattern);
        }
        catch (ArgumentException failure)
        {
            _errors.Add(FieldError.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {failure.Message}"));
        }
    }

    private void ListKeys(JsonObject schema, string path)
    {
        if (schema["x-kubernetes-list-type"]?.GetValue<string>() is not { } list)
        {
            return;
        }

        var keys = schema.Names("x-kubernetes-list-map-keys").ToArray();
        if (list is not ("atomic" or "set" or "map"))
        {
            _errors.Add(FieldError.Unsupported($"{path}.x-kubernetes-list-type", list, ["atomic", "set", "map"]));
        }
        else if (schema.Type() != "array")
        {
            _errors.Add(FieldError.Invalid($"{path}.type", schema.Type(), "must be array if x-kubernetes-list-type is specified"));
        }
        else if (list == "map" && keys.Length == 0)
        {
            _errors.Add(FieldError.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        }

        foreach (var key in keys)
        {
            if (schema.Items()?.Property(key) is not { } property)
            {
                _errors.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", key, "entries must all be names of item properties"));
            }
            else if (!schema.Items()!.Names("required").Contains(key) && !property.ContainsKey("default"))
            {
                _errors.Add(FieldError.Required($"{path}.items.properties[{key}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
            }
        }
    }

    private void Default(JsonObject schema, string path)
    {
        if (!schema.TryGetPropertyValue("default", out var fallback) || (fallback is null && schema.Says("nullable")))
        {
            return;
        }

        _errors.AddRange(SchemaValidation.Of(fallback, schema, $"{path}.default"));
        if (fallback is JsonObject map)
        {
            SchemaPruning.Apply(map, schema, out var unknown);
            _errors.AddRange(unknown.Take(1).Select(name => FieldError.Invalid($"{path}.default", map, $"must not have unknown fields: {name}")));
        }
    }

    // allOf and its like may say more about values, and nothing about structure.
    private void ValueRules(JsonObject schema, JsonObject structure, string path)
    {
        foreach (var junctor in Junctors)
        {
            var parts = schema.All(junctor).ToArray();
            for (var index = 0; index < parts.Length; index++)
            {
                ValueRule(parts[index], structure, $"{path}.{junctor}[{index}]");
            }
        }

        if (schema["not"] is JsonObject not)
        {
            ValueRule(not, structure, $"{path}.not");
        }
    }

    private void ValueRule(JsonObject schema, JsonObject structure, string path)
    {
        // The one exception: that a value is a number or a text may be said once more.
        var isIntOrString = structure.IsIntOrString() && schema.Count == 1 && schema.Type() is "integer" or "string";
        _errors.AddRange(schema.Select(field => field.Key).Where(name => StructuralOnly.Contains(name) && !isIntOrString).Select(name => FieldError.Forbidden($"{path}.{name}", "must be empty to be structural")));
        foreach (var (name, property) in schema.Properties())
        {
            if (structure.Field(name) is { } known)
            {
                ValueRule((JsonObject)property!, known, $"{path}.properties[{name}]");
            }
            else if (!structure.KeepsUnknown())
            {
                _errors.Add(FieldError.Required($"{Root(path)}.properties[{name}]", $"because it is defined in {path}.properties[{name}]"));
            }
        }

        if (schema.Items() is { } items && structure.Items() is { } knownItems)
        {
            ValueRule(items, knownItems, $"{path}.items");
        }

        ValueRules(schema, structure, path);
    }

    private static string Root(string path) => Junctors.Append("not").Select(junctor => path.IndexOf($".{junctor}", StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(path.Length).Min() is var end ? path[..end] : path;
}
