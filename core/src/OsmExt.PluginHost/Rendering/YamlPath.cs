using System.Globalization;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.PluginHost.Rendering;

/// <summary>Finds where in a text a field of a message stands.</summary>
internal static class YamlPath
{
    /// <summary>The place of the field, or of what is nearest to it.</summary>
    public static YamlPosition Nearest(YamlDocumentPart document, string path)
    {
        var node = document.Root;
        foreach (var step in path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (Child(node, step.Trim('"')) is not { } next)
            {
                break;
            }

            node = next;
        }

        return document.PositionOf(node);
    }

    private static YamlNode? Child(YamlNode node, string step) => node switch
    {
        YamlSequenceNode list when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Children.Count => list.Children[index],
        YamlMappingNode mapping => mapping.Children.FirstOrDefault(entry => IsCalled((entry.Key as YamlScalarNode)?.Value, step)).Value,
        _ => null,
    };

    // Fields may be written as in the proto file or in camel case.
    private static bool IsCalled(string? written, string step)
        => string.Equals(written?.Replace("_", "", StringComparison.Ordinal), step.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}
