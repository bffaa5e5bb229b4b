using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Schemas;

/// <summary>
/// Holds a value that no object says, but a plugin makes, against a schema: the result has defaults filled in. Objects are read by the
/// manifests' own reader, which knows their lines.
/// </summary>
internal sealed class SpecCheck(ConfigSchema schema)
{
    private readonly List<SchemaProblem> _problems = [];

    public (ConfigValue Value, IReadOnlyList<SchemaProblem> Problems) Of(JsonNode? value)
    {
        var result = Value(value, schema, "");
        return (ConfigValue.Of(result), _problems);
    }

    private JsonNode? Value(JsonNode? value, ConfigSchema type, string path)
    {
        switch (type.Type, value?.GetValueKind())
        {
            case (ConfigType.Object, JsonValueKind.Object):
                return Sized(Fields(value.AsObject(), type, path), value.AsObject().Count, type, path, "fields");
            case (ConfigType.Array, JsonValueKind.Array):
                var items = value.AsArray().Select((item, index) => Value(item, type.Items!, $"{path}[{index}]"));
                return Sized(new JsonArray([.. items]), value.AsArray().Count, type, path, "items");
            case (ConfigType.String, JsonValueKind.String):
                return Text(value.GetValue<string>(), type, path);
            case (ConfigType.Boolean, JsonValueKind.True or JsonValueKind.False):
                return value.DeepClone();
            case (ConfigType.Integer or ConfigType.Number, JsonValueKind.Number):
                return Number(value, type, path);
            default:
                Report(path, $"Expected {type.Type.ToString().ToLowerInvariant()}, found {value?.ToJsonString() ?? "nothing"}");
                return null;
        }
    }

    private JsonObject Fields(JsonObject fields, ConfigSchema type, string path)
    {
        var result = new JsonObject();
        foreach (var (name, value) in fields.Where(field => field.Value is not null))
        {
            if ((type.Properties.FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.Ordinal))?.Schema ?? type.Values) is { } known)
            {
                result[name] = Value(value, known, Below(path, name));
            }
            else if (!type.IgnoresUnknown)
            {
                Report(Below(path, name), "There is no such field");
            }
        }

        foreach (var property in type.Properties.Where(property => !result.ContainsKey(property.Name)))
        {
            if (property.Schema.Default is { } fallback)
            {
                result[property.Name] = JsonNode.Parse(fallback.ToString());
            }
            else if (property.Required)
            {
                Report(Below(path, property.Name), "This field is missing");
            }
        }

        return result;
    }

    private JsonValue Text(string text, ConfigSchema type, string path)
    {
        if (!type.Enum.IsEmpty && !type.Enum.Contains(text, StringComparer.Ordinal))
        {
            Report(path, $"\"{text}\" is not one of {string.Join(", ", type.Enum)}");
        }

        // In a time that grows with the text alone; a clock would only tell how busy the machine is.
        if (type.Pattern.Length > 0 && !Regex.IsMatch(text, $@"\A(?:{type.Pattern})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking))
        {
            Report(path, $"\"{text}\" does not match {type.Pattern}");
        }

        return Sized(JsonValue.Create(text), text.Length, type, path, "characters");
    }

    private JsonNode Number(JsonNode value, ConfigSchema type, string path)
    {
        var number = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
        if (type.Type == ConfigType.Integer && !double.IsInteger(number))
        {
            Report(path, $"{value.ToJsonString()} is no whole number");
        }

        if (number < type.Minimum || number > type.Maximum)
        {
            Report(path, $"{value.ToJsonString()} is out of range");
        }

        return value.DeepClone();
    }

    private T Sized<T>(T value, int size, ConfigSchema type, string path, string unit)
    {
        if (size < type.Minimum || size > type.Maximum)
        {
            Report(path, $"It has {size} {unit}");
        }

        return value;
    }

    private void Report(string path, string message) => _problems.Add(new(path, message, ""));

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
