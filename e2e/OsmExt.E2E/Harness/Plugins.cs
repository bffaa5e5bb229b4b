namespace OsmExt.E2E;

/// <summary>The project's own plugins, as building gives them.</summary>
internal static class Plugins
{
    /// <summary>A plugin of templates is its folder as it stands; one with code is what building it gives.</summary>
    public static string FolderOf(string plugin) => File.Exists(Path.Join(Root, plugin, "plugin.yaml"))
        ? Path.Join(Root, plugin)
        : AppContext.BaseDirectory.Replace("OsmExt.E2E", plugin, StringComparison.Ordinal);

    public static string Root => Path.Join(Checkout.Root, "plugins");
}
