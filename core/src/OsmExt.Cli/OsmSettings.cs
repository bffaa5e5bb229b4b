using OsmExt.Compiler;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Cli;

/// <summary>What the file of <c>OSM_CONFIG</c>, else <c>~/.osm/config.yaml</c>, says about the installation; it need not be there.</summary>
/// <param name="File">The file.</param>
/// <param name="Namespace">The control plane's namespace.</param>
/// <param name="IsManaged">Whether somebody else installs and upgrades the control plane.</param>
/// <param name="Distribution">What somebody else calls it; empty for none.</param>
internal sealed record OsmSettings(string File, string Namespace, bool IsManaged, string Distribution)
{
    private static readonly Lazy<OsmSettings> Read = new(() => Of(
        Environment.GetEnvironmentVariable("OSM_CONFIG") is { Length: > 0 } file ? file
            : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".osm", "config.yaml")));

    /// <summary>This user's.</summary>
    public static OsmSettings Current => Read.Value;

    /// <summary>Reads a file.</summary>
    public static OsmSettings Of(string file)
    {
        var (documents, _) = YamlText.Read(System.IO.File.Exists(file) ? System.IO.File.ReadAllText(file) : "");
        var install = documents.Count == 0 ? null : Find(documents[0].Root, "install");
        return new(
            file, Text(install, "namespace") ?? new CompilerOptions().OsmNamespace, Text(install, "kind") == "managed", Text(install, "distribution") ?? "");
    }

    private static string? Text(YamlNode? node, string key) => Find(node, key) is YamlScalarNode { Value: { Length: > 0 } value } ? value : null;

    private static YamlNode? Find(YamlNode? node, string key)
        => node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
