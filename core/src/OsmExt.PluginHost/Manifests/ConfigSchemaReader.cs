using System.Text.RegularExpressions;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads a schema: the structural words of OpenAPI, and no others.</summary>
internal static partial class ConfigSchemaReader
{
    public static ConfigSchema Read(FieldReader fields)
    {
        var type = fields.Word("type", ConfigType.Object, required: "Say what the value is: object, array, string, integer, number or boolean");
        var schema = new ConfigSchema(type)
        {
            Description = fields.Text("description") ?? "",
            Default = fields.Node("default") is { } fallback ? ConfigValue.Of(YamlJson.Of(fallback)) : null,
        };
        schema = type switch
        {
            ConfigType.Object => Object(fields, schema),
            ConfigType.Array => Limited(fields, schema, "minItems", "maxItems") with { Items = Items(fields) },
            ConfigType.String => Text(fields, Limited(fields, schema, "minLength", "maxLength")),
            ConfigType.Integer or ConfigType.Number => Limited(fields, schema, "minimum", "maximum"),
            _ => schema,
        };
        schema = schema with { Rules = fields.Objects("x-kubernetes-validations").Select(Rule).ToEquatableArray() };
        foreach (var rule in schema.Rules)
        {
            if (SchemaRules.Problem(rule, schema) is { } problem)
            {
                fields.Report("x-kubernetes-validations", $"{YamlScalar.Quote(rule.Rule)}: {problem}", "Mend the rule");
            }
        }

        fields.Done();
        return schema;
    }

    private static ConfigRule Rule(FieldReader fields)
    {
        var rule = fields.Text("rule", required: "Write what is true for values that are allowed, like self.least <= self.most") ?? "true";
        var read = new ConfigRule(rule, fields.Text("message") ?? $"This does not hold: {rule}") { FieldPath = fields.Text("fieldPath", FieldPath(), "Write it like .least") ?? "" };
        fields.Done();
        return read;
    }

    private static ConfigSchema Object(FieldReader fields, ConfigSchema schema)
    {
        var required = fields.Texts("required").ToHashSet(StringComparer.Ordinal);
        var properties = fields.Entries("properties")
            .Select(entry => new ConfigProperty(entry.Name, Read(entry.Fields), required.Contains(entry.Name))).ToEquatableArray();
        foreach (var name in required.Except(properties.Select(property => property.Name), StringComparer.Ordinal))
        {
            fields.Report("required", $"There is no property {YamlScalar.Quote(name)}", "Name properties of this object");
        }

        return Limited(fields, schema, "minProperties", "maxProperties") with
        {
            Properties = properties,
            IgnoresUnknown = fields.Flag("x-kubernetes-preserve-unknown-fields", false),
            Values = fields.Object("additionalProperties") is { } values ? Read(values) : null,
        };
    }

    private static ConfigSchema Items(FieldReader fields)
    {
        if (fields.Object("items") is { } items)
        {
            return Read(items);
        }

        fields.Report("items", "This field is missing", "Say what the items are");
        return new(ConfigType.String);
    }

    private static ConfigSchema Text(FieldReader fields, ConfigSchema schema)
    {
        var pattern = fields.Text("pattern") ?? "";
        try
        {
            // Without backtracking a pattern takes time in proportion to the text, whatever both are.
            _ = new Regex(pattern, RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            fields.Report("pattern", exception.Message.TrimEnd('.'), "Write a pattern without look-around and back-references");
            pattern = "";
        }

        return schema with { Pattern = pattern, Enum = fields.Texts("enum").ToEquatableArray() };
    }

    private static ConfigSchema Limited(FieldReader fields, ConfigSchema schema, string least, string most)
        => schema with { Minimum = fields.Number(least), Maximum = fields.Number(most) };

    [GeneratedRegex(@"^(\.[A-Za-z0-9_-]+)+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex FieldPath();
}
