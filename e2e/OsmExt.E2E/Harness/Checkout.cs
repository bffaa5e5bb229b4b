namespace OsmExt.E2E;

/// <summary>The folder the tests were built from, and what <c>make apps</c> leaves in it.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    /// <summary>The program under test.</summary>
    public static string Osm => Path.Join(Root, "artifacts", "osm", "osm");

    /// <summary>The applications that run in pods.</summary>
    public static string Images => Path.Join(Root, "artifacts", "apps");

    /// <summary>A plugin of templates, as it stands in the tree.</summary>
    public static string Plugin(string name) => Path.Join(Root, "plugins", $"OsmExt.Plugin.{name}");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Join(folder.FullName, "OsmExt.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("No OsmExt.sln above the tests' own folder.");
    }
}
