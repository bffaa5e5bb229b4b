namespace OsmExt.Chart.Tests;

/// <summary>This repository's plugins, as they are installed: their folders, or what building them gives.</summary>
internal static class PluginFolders
{
    public static IEnumerable<string> All => Directory.EnumerateDirectories(Checkout.In("plugins"), "OsmExt.Plugin.*").Order(StringComparer.Ordinal).Select(Installed);

    private static string Installed(string folder) => File.Exists(Path.Combine(folder, "plugin.yaml"))
        ? folder : AppContext.BaseDirectory.Replace("OsmExt.Chart.Tests", Path.GetFileName(folder), StringComparison.Ordinal);
}
