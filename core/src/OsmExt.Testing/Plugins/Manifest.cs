using System.Text.RegularExpressions;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Cases;

namespace OsmExt.Testing.Plugins;

/// <summary>Manifests that are not on disk, read the way all are.</summary>
internal static partial class Manifest
{
    public static ResourceSnapshot Read(string text, PluginSet plugins)
    {
        var folder = Directory.CreateTempSubdirectory("osm-plugin-test-");
        try
        {
            var file = Path.Combine(folder.FullName, TranslationCase.InputFile);
            File.WriteAllText(file, text);
            return TranslationCase.Read(file, plugins);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A file's documents, the last first.</summary>
    public static ResourceSnapshot ReadReversed(string file, PluginSet plugins)
        => Read(string.Join("\n---\n", Separator().Split(File.ReadAllText(file)).Reverse()), plugins);

    [GeneratedRegex(@"^---[ \t]*(#.*)?\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Separator();
}
