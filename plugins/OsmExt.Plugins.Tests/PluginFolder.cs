using OsmExt.Testing.Cases;

namespace OsmExt.Plugins.Tests;

/// <summary>A plugin of this repository.</summary>
/// <param name="Name">Its folder's name.</param>
internal sealed record PluginFolder(string Name)
{
    private static readonly string Root = Path.GetDirectoryName(Path.GetDirectoryName(CaseFolder.Beside()))!;

    public static IEnumerable<PluginFolder> All
        => Directory.EnumerateDirectories(Root, "OsmExt.Plugin.*").Order(StringComparer.Ordinal).Select(folder => new PluginFolder(Path.GetFileName(folder)));

    public string Cases => Path.Combine(Root, Name, "test", "cases");

    /// <summary>What grants it the capabilities it needs; null for one that needs none.</summary>
    public string? Policy => Path.Combine(Root, Name, "test", "policy.yaml") is var file && File.Exists(file) ? file : null;

    /// <summary>A plugin of templates is its folder as it stands; one with code is what building it gives.</summary>
    public string Files => File.Exists(Path.Combine(Root, Name, "plugin.yaml"))
        ? Path.Combine(Root, Name)
        : AppContext.BaseDirectory.Replace("OsmExt.Plugins.Tests", Name, StringComparison.Ordinal);

    /// <summary>The same for where the plugin is not alone in its directory: some have it in their own folder.</summary>
    public string? Grants => Policy ?? (Path.Combine(Files, "policy.yaml") is var file && File.Exists(file) ? file : null);
}
