using OsmExt.Yaml;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>The entries of a mapping as its writer means them: with those merged in by <c>&lt;&lt;</c>.</summary>
internal static class YamlEntries
{
    /// <summary>Every key with its value; a merged key gives way to one written out.</summary>
    public static IEnumerable<KeyValuePair<YamlNode, YamlNode>> Of(YamlMappingNode mapping)
    {
        if (!mapping.Children.Any(IsMerge))
        {
            return mapping.Children;
        }

        var written = mapping.Children.Where(entry => !IsMerge(entry)).ToList();
        var names = written.Select(entry => NameOf(entry.Key)).ToHashSet(StringComparer.Ordinal);
        foreach (var source in mapping.Children.Where(IsMerge).SelectMany(entry => Sources(entry.Value)))
        {
            written.AddRange(Of(source).Where(entry => names.Add(NameOf(entry.Key))));
        }

        return written;
    }

    /// <summary>The text of a key; the parser lets through no others.</summary>
    public static string NameOf(YamlNode key) => ((YamlScalarNode)key).Value ?? "";

    /// <summary>The value of a key, or null when it is absent or null.</summary>
    public static YamlNode? Find(YamlNode? node, string name)
        => node is YamlMappingNode mapping && ValueOf(mapping, name) is { } found && !YamlScalar.IsNull(found) ? found : null;

    private static YamlNode? ValueOf(YamlMappingNode mapping, string name)
        => Of(mapping).FirstOrDefault(entry => string.Equals(NameOf(entry.Key), name, StringComparison.Ordinal)).Value;

    private static bool IsMerge(KeyValuePair<YamlNode, YamlNode> entry)
        => entry.Key is YamlScalarNode { Style: ScalarStyle.Plain, Value: "<<" } && Sources(entry.Value).Any();

    private static IEnumerable<YamlMappingNode> Sources(YamlNode value) => value switch
    {
        YamlMappingNode one => [one],
        YamlSequenceNode several when several.Children.All(child => child is YamlMappingNode) => several.Children.Cast<YamlMappingNode>(),
        _ => [],
    };
}
