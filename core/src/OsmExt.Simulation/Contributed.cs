using System.Collections.Immutable;
using Envoy.Config.Core.V3;

namespace OsmExt.Simulation;

/// <summary>Which plugin an element comes from, and which objects it was made from: the mesh writes both into its metadata.</summary>
/// <param name="Plugin">The plugin's id; empty for elements of the mesh's own.</param>
/// <param name="Objects">The objects, as they are named in metadata.</param>
internal sealed record Contributed(string Plugin, ImmutableArray<string> Objects)
{
    private const string Key = "osm";
    private const string Field = "objects";
    private const string PluginKind = "Plugin ";

    /// <summary>In words; empty for elements of the mesh's own.</summary>
    public string Words => Plugin.Length == 0 ? "" : $"of plugin {Plugin}{(Objects.IsEmpty ? "" : $", from {string.Join(", ", Objects)}")}";

    public static Contributed By(Metadata? metadata)
    {
        var names = metadata is not null && metadata.FilterMetadata.TryGetValue(Key, out var written) && written.Fields.TryGetValue(Field, out var list)
            ? list.ListValue.Values.Select(value => value.StringValue).ToImmutableArray() : [];
        return names.FirstOrDefault(IsPlugin) is { } plugin ? new(plugin[PluginKind.Length..], [.. names.Where(name => !IsPlugin(name))]) : new("", []);
    }

    private static bool IsPlugin(string name) => name.StartsWith(PluginKind, StringComparison.Ordinal);
}
