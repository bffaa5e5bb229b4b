using System.Runtime.CompilerServices;
using System.Text.Json;
using OsmExt.PluginHost.Cel;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Schemas;

/// <summary>The rules in a schema, held against a value that has the schema's shape.</summary>
internal static class SchemaRules
{
    private static readonly ConditionalWeakTable<ConfigSchema, CelNode[]> Read = [];

    /// <summary>Why a rule cannot be used; null when it can.</summary>
    public static string? Problem(ConfigRule rule, ConfigSchema schema)
    {
        try
        {
            CelCheck.Rule(CelParser.Parse(rule.Rule), schema);
            return null;
        }
        catch (CelException failure)
        {
            return failure.At > 0 ? $"{failure.Message} (character {failure.At})" : failure.Message;
        }
    }

    /// <summary>The rules that the value breaks, each with the path of the field.</summary>
    public static IEnumerable<(string Path, string Message)> Broken(ConfigSchema schema, JsonElement value)
        => Has(schema) ? Broken(schema, Value(value, schema), "", new()) : [];

    // Schemas mostly have none; then nothing is looked at.
    private static bool Has(ConfigSchema schema)
        => !schema.Rules.IsEmpty || schema.Properties.Any(property => Has(property.Schema)) || (schema.Items is { } items && Has(items)) || (schema.Values is { } values && Has(values));

    private static IEnumerable<(string Path, string Message)> Broken(ConfigSchema schema, object? value, string path, CelBudget budget)
    {
        var nodes = Read.GetValue(schema, static schema => [.. schema.Rules.Select(rule => CelParser.Parse(rule.Rule))]);
        for (var index = 0; index < nodes.Length; index++)
        {
            if (Problem(nodes[index], schema.Rules[index], value, budget) is { } problem)
            {
                yield return ($"{path}{schema.Rules[index].FieldPath}".TrimStart('.'), problem);
            }
        }

        foreach (var broken in Below(schema, value, path).SelectMany(below => Broken(below.Schema, below.Value, below.Path, budget)))
        {
            yield return broken;
        }
    }

    private static string? Problem(CelNode node, ConfigRule rule, object? value, CelBudget budget)
    {
        try
        {
            return CelEvaluation.Holds(node, value, budget) ? null : rule.Message;
        }
        catch (CelException failure)
        {
            return $"The rule \"{rule.Rule}\" cannot be worked out: {failure.Message}";
        }
    }

    private static IEnumerable<(ConfigSchema Schema, object? Value, string Path)> Below(ConfigSchema schema, object? value, string path) => value switch
    {
        IReadOnlyDictionary<string, object?> map => map.Select(entry => (SchemaOf(schema, entry.Key), entry.Value, $"{path}.{entry.Key}"))
            .Where(entry => entry.Item1 is not null && Has(entry.Item1)).Select(entry => (entry.Item1!, entry.Value, entry.Item3)),
        IReadOnlyList<object?> list when schema.Items is { } items && Has(items) => list.Select((item, index) => (items, item, $"{path}[{index}]")),
        _ => [],
    };

    private static ConfigSchema? SchemaOf(ConfigSchema schema, string name)
        => schema.Properties.FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.Ordinal))?.Schema ?? schema.Values;

    private static object? Value(JsonElement value, ConfigSchema? schema) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().ToDictionary(field => field.Name, field => Value(field.Value, schema is null ? null : SchemaOf(schema, field.Name)), StringComparer.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().Select(item => Value(item, schema?.Items)).ToArray(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => schema?.Type != ConfigType.Number && value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
        _ => null,
    };
}
