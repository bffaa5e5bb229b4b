using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OsmExt.PluginHost.Schemas;

/// <summary>How the values of an enumeration are written in configuration: in camel case, like fields, unless they say otherwise.</summary>
internal static class EnumNames
{
    /// <summary>Name by value, in the order written.</summary>
    public static IReadOnlyList<(object Value, string Name)> Of(Type type)
        => [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (field.GetValue(null)!,
            field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(field.Name)))];
}
