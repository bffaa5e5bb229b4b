using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>Reads free-form values as a schema wants them, fills in defaults, and reports every departure with its place.</summary>
/// <param name="path">Where the reader stands.</param>
/// <param name="report">Takes a code, a place, what is wrong and what to do.</param>
/// <param name="unknown">Takes a field that the schema does not have, and those it has.</param>
internal sealed class SchemaReader(FieldPath path, Action<string, YamlNode, string, string> report, Action<YamlNode, string, IEnumerable<string>> unknown)
{
    private const int LongPattern = 120;

    /// <summary>The value; what could not be read is absent, and reported.</summary>
    public ConfigValue Read(YamlNode node, ConfigSchema schema) => ConfigValue.Of(Node(node, schema) ?? new JsonObject());

    private JsonNode? Node(YamlNode node, ConfigSchema schema)
    {
        JsonNode? value = schema.Type switch
        {
            ConfigType.Object => node is YamlMappingNode mapping ? Fields(mapping, schema) : Wrong(node, "a mapping"),
            ConfigType.Array => node is YamlSequenceNode list ? Items(list, schema) : Wrong(node, "a list"),
            ConfigType.String => node is YamlScalarNode scalar && ScalarReader.Text.Read(scalar) is string text ? Text(node, text, schema) : Wrong(node, "a text"),
            ConfigType.Boolean => node is YamlScalarNode scalar && YamlScalar.AsBoolean(scalar) is { } flag ? flag : Wrong(node, "true or false"),
            ConfigType.Integer => node is YamlScalarNode scalar && YamlScalar.AsInteger(scalar) is { } number ? Number(node, number, schema) : Wrong(node, "a whole number"),
            _ => node is YamlScalarNode scalar && YamlScalar.AsNumber(scalar) is { } number ? number : Wrong(node, "a number"),
        };
        return value;
    }

    private JsonObject Fields(YamlMappingNode mapping, ConfigSchema schema)
    {
        var result = new JsonObject();
        foreach (var (key, value) in YamlEntries.Of(mapping))
        {
            var name = YamlEntries.NameOf(key);
            var property = schema.Properties.FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.Ordinal))?.Schema ?? schema.Values;
            if (property is null && schema.IgnoresUnknown)
            {
                continue;
            }

            if (property is null)
            {
                unknown(key, name, schema.Properties.Select(property => property.Name));
                continue;
            }

            path.EnterField(name);
            if (result.ContainsKey(name))
            {
                report(DiagnosticCodes.InvalidValue, key, "This field is given twice", "Remove one of them");
            }
            else if (!YamlScalar.IsNull(value) && Node(value, property) is { } read)
            {
                result[name] = read;
            }

            path.Leave();
        }

        foreach (var property in schema.Properties.Where(property => !result.ContainsKey(property.Name)))
        {
            Absent(mapping, property, result);
        }

        return Sized(mapping, result, result.Count, "fields", schema);
    }

    private void Absent(YamlMappingNode mapping, ConfigProperty property, JsonObject result)
    {
        if (property.Schema.Default is { } fallback)
        {
            result[property.Name] = JsonNode.Parse(fallback.ToString());
        }
        else if (property.Required && YamlEntries.Find(mapping, property.Name) is null)
        {
            path.EnterField(property.Name);
            report(DiagnosticCodes.MissingField, mapping, "This field is missing", property.Schema.Description.Length > 0 ? $"Set it: {property.Schema.Description.TrimEnd('.')}" : "Set it");
            path.Leave();
        }
    }

    private JsonArray Items(YamlSequenceNode list, ConfigSchema schema)
    {
        var result = new JsonArray();
        for (var index = 0; index < list.Children.Count; index++)
        {
            path.EnterItem(index);
            if (Node(list.Children[index], schema.Items!) is { } item)
            {
                result.Add(item);
            }

            path.Leave();
        }

        return Sized(list, result, list.Children.Count, "items", schema);
    }

    private JsonValue Text(YamlNode node, string text, ConfigSchema schema)
    {
        if (!schema.Enum.IsEmpty && !schema.Enum.Contains(text, StringComparer.Ordinal))
        {
            report(DiagnosticCodes.InvalidValue, node, $"{YamlScalar.Quote(text)} is not allowed here", $"Use {string.Join(" or ", schema.Enum)}");
        }

        // In a time that grows with the text alone; a clock would only tell how busy the machine is.
        if (schema.Pattern.Length > 0 && !Regex.IsMatch(text, $@"\A(?:{schema.Pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking))
        {
            // A long pattern tells nobody anything; what is meant is in words beside it.
            var inWords = schema is { Pattern.Length: > LongPattern, Description.Length: > 0 };
            report(DiagnosticCodes.InvalidValue, node, inWords ? $"{YamlScalar.Quote(text)} is not of the form that is asked for here" : $"{YamlScalar.Quote(text)} does not match {schema.Pattern}",
                inWords ? schema.Description.TrimEnd('.') : "Write a text that does");
        }

        return Sized(node, JsonValue.Create(text), text.Length, "characters", schema);
    }

    private JsonValue Number(YamlNode node, long number, ConfigSchema schema)
    {
        if (number < schema.Minimum || number > schema.Maximum)
        {
            report(DiagnosticCodes.InvalidValue, node, $"{number} is out of range", $"Write a number{Limits(schema)}");
        }

        return JsonValue.Create(number);
    }

    private T Sized<T>(YamlNode node, T value, int size, string unit, ConfigSchema schema)
    {
        if (size < schema.Minimum || size > schema.Maximum)
        {
            report(DiagnosticCodes.InvalidValue, node, $"It has {size} {unit}", $"Let the number of {unit} be{Limits(schema)}");
        }

        return value;
    }

    private static string Limits(ConfigSchema schema)
        => $"{(schema.Minimum is { } least ? $" at least {least}" : "")}{(schema is { Minimum: not null, Maximum: not null } ? " and" : "")}{(schema.Maximum is { } most ? $" at most {most}" : "")}";

    private JsonNode? Wrong(YamlNode node, string expected)
    {
        report(DiagnosticCodes.InvalidValue, node, $"Expected {expected}, found {YamlScalar.Describe(node)}", ScalarReader.Advice(node, expected));
        return null;
    }
}
