namespace OsmExt.E2E;

/// <summary>What a mesh or a cluster has left on this machine.</summary>
internal static class Traces
{
    private static readonly string[] NamespaceDirectories = ["/run/netns", "/etc/netns"];

    /// <summary>Network namespaces, names files and processes of one of that name.</summary>
    public static string[] Of(string name) =>
    [
        .. NamespaceDirectories
            .Where(Directory.Exists)
            .SelectMany(Directory.GetFileSystemEntries)
            .Where(entry => (Path.GetFileName(entry) + ".").StartsWith($"osm.{name}.", StringComparison.Ordinal)),
        .. Directory.EnumerateDirectories("/proc").Where(process => CommandLine(process).Contains($"/{name}/", StringComparison.Ordinal)),
    ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Join(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
