using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Schemas;

/// <summary>A value of a plugin's type as configuration: what its schema names, and nothing that is only computed.</summary>
internal static class TypeValue
{
    public static JsonNode? Of(object? value, ConfigSchema schema) => (value, schema.Type) switch
    {
        (null, _) => null,
        (Enum word, _) => EnumNames.Of(word.GetType()).First(name => name.Value.Equals(word)).Name,
        (_, ConfigType.String) => Convert.ToString(value, CultureInfo.InvariantCulture),
        (_, ConfigType.Boolean) => (bool)value,
        (_, ConfigType.Integer) => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        (_, ConfigType.Number) => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        (IEnumerable items, ConfigType.Array) => new JsonArray([.. items.Cast<object?>().Select(item => Of(item, schema.Items!))]),
        (IEnumerable entries, ConfigType.Object) when schema.Values is { } values => new JsonObject(entries.Cast<object>().Select(entry => Entry(entry, values))),
        _ => Record(value, schema),
    };

    private static JsonObject Record(object value, ConfigSchema schema)
    {
        var fields = RecordField.Of(value.GetType()).ToDictionary(field => field.Name, field => field.Property, StringComparer.Ordinal);
        return new(schema.Properties.Select(property => KeyValuePair.Create(property.Name, Of(fields[property.Name].GetValue(value), property.Schema)))
            .Where(field => field.Value is not null));
    }

    // A dictionary of any type: its entries are all alike.
    private static KeyValuePair<string, JsonNode?> Entry(object entry, ConfigSchema values)
        => KeyValuePair.Create((string)entry.GetType().GetProperty("Key")!.GetValue(entry)!, Of(entry.GetType().GetProperty("Value")!.GetValue(entry), values));
}
