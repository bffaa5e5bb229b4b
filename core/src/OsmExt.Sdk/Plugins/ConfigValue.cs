using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OsmExt.Sdk.Plugins;

/// <summary>A value of plugin configuration: immutable JSON, compared by content whatever the order of its fields.</summary>
public sealed class ConfigValue : IEquatable<ConfigValue>
{
    // What the serializer learns about a type it keeps; kept with the type's own assembly, it goes when a plugin is unloaded.
    private static readonly ConditionalWeakTable<Assembly, JsonSerializerOptions> Options = [];
    private readonly string _text;

    private ConfigValue(JsonNode? node)
    {
        _text = node?.ToJsonString() ?? "null";
        using var document = JsonDocument.Parse(_text);
        Root = document.RootElement.Clone();
    }

    /// <summary>An object without fields.</summary>
    public static ConfigValue Empty { get; } = new(new JsonObject());

    /// <summary>The value.</summary>
    public JsonElement Root { get; }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static ConfigValue Parse(string json) => new(Sorted(JsonNode.Parse(json)));

    /// <summary>From a tree, which may change afterwards.</summary>
    public static ConfigValue Of(JsonNode? node) => new(Sorted(node));

    /// <summary>From an object, with names of fields and values of enumerations in camel case.</summary>
    public static ConfigValue From<T>(T value) => new(Sorted(JsonSerializer.SerializeToNode(value, OptionsFor(typeof(T)))));

    /// <summary>As an object of that type; names of fields and values of enumerations may be in camel case.</summary>
    /// <exception cref="JsonException">It is not of that type.</exception>
    public T? As<T>() => Root.Deserialize<T>(OptionsFor(typeof(T)));

    /// <summary>Whether both are the same JSON.</summary>
    public bool Equals(ConfigValue? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConfigValue);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>The JSON, fields in order of their names.</summary>
    public override string ToString() => _text;

    private static JsonSerializerOptions OptionsFor(Type type) => Options.GetValue(
        type.Assembly, static _ => new(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(), Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        });

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
