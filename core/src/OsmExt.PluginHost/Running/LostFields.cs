using System.Text.Json;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>What a value says that another does not say, or says differently.</summary>
internal static class LostFields
{
    /// <summary>The paths of it, as far down as only some of a mapping is lost.</summary>
    public static IReadOnlyList<string> Of(ConfigValue said, ConfigValue left) => [.. Of(said.Root, left.Root, "")];

    private static IEnumerable<string> Of(JsonElement said, JsonElement left, string path)
    {
        if (said.ValueKind != JsonValueKind.Object || left.ValueKind != JsonValueKind.Object)
        {
            return JsonElement.DeepEquals(said, left) ? [] : [path];
        }

        return said.EnumerateObject().SelectMany(field => left.TryGetProperty(field.Name, out var value)
            ? Of(field.Value, value, Below(path, field.Name)) : [Below(path, field.Name)]);
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
