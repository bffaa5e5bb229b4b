namespace OsmExt.Tests.Shared;

/// <summary>Directories with all that is in them.</summary>
internal static class DirectoryCopy
{
    /// <param name="from">What is copied.</param>
    /// <param name="to">Where it is to be; made if it is not there. Files that are there already are an error.</param>
    public static void Of(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
