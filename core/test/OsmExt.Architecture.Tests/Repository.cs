using System.Xml.Linq;

namespace OsmExt.Architecture.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Every project, by name, with the names of the projects it references.</summary>
    public static IReadOnlyDictionary<string, Project> Projects { get; } = Directory
        .EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories)
        .Where(path => !IsIgnored(path))
        .Select(Project.Read)
        .ToDictionary(project => project.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Files(string pattern)
        => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories).Where(path => !IsIgnored(path));

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static bool IsIgnored(string path)
    {
        var parts = Relative(path).Split('/');
        return parts.Contains("artifacts") || parts.Contains("node_modules") || parts.Contains(".git");
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OsmExt.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("No OsmExt.sln above the test's own folder.");
    }
}

/// <summary>What a project file says.</summary>
internal sealed record Project(string Name, string Path, IReadOnlyList<string> References, IReadOnlyList<string> Packages, IReadOnlyList<string> VersionedPackages)
{
    public static Project Read(string path)
    {
        var xml = XDocument.Load(path);
        var packages = xml.Descendants("PackageReference").ToArray();
        return new(
            System.IO.Path.GetFileNameWithoutExtension(path),
            Repository.Relative(path),
            [.. xml.Descendants("ProjectReference").Select(element => System.IO.Path.GetFileNameWithoutExtension(element.Attribute("Include")!.Value.Replace('\\', '/')))],
            // What is for building only does not ship.
            [.. packages.Where(element => element.Attribute("PrivateAssets")?.Value != "all").Select(Include)],
            [.. packages.Where(element => element.Attribute("Version") is not null).Select(Include)]);
    }

    private static string Include(XElement element) => element.Attribute("Include")!.Value;
}
