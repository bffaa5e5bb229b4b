using System.Text;

namespace OsmExt.Node.Volumes;

/// <summary>
/// Writes the files of a volume as a kubelet does: they lie in a directory that a link points to, and change all at once when the link does.
/// </summary>
internal static class VolumeFiles
{
    private const string Link = "..data";

    /// <summary>Makes a volume's directory be this. False when it is already.</summary>
    /// <param name="directory">The volume.</param>
    /// <param name="files">Paths below it with what they hold.</param>
    /// <param name="mode">Permissions of files.</param>
    /// <param name="group">The group that may read them; null for root's.</param>
    public static bool Write(string directory, IReadOnlyDictionary<string, byte[]> files, UnixFileMode mode, long? group)
    {
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, (UnixFileMode)Convert.ToInt32("755", 8));
        var link = Path.Join(directory, Link);
        var old = Directory.Exists(link) ? new DirectoryInfo(link).ResolveLinkTarget(true)!.FullName : null;
        if (old is not null && Same(old, files))
        {
            return false;
        }

        var fresh = Path.Join(directory, $"..{Path.GetRandomFileName()}");
        foreach (var (name, content) in files)
        {
            var path = Path.Join(fresh, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, (UnixFileMode)Convert.ToInt32("755", 8));
            File.WriteAllBytes(path, content);
            File.SetUnixFileMode(path, group is null ? mode : mode | UnixFileMode.GroupRead);
            if (group is { } owner)
            {
                LocalRuntime.Processes.Command.RunAsync("chgrp", [$"{owner}", path], null, default).GetAwaiter().GetResult();
            }
        }

        Directory.CreateDirectory(fresh);
        foreach (var top in files.Keys.Select(name => name.Split('/')[0]).Distinct().Where(top => !Path.Exists(Path.Join(directory, top))))
        {
            File.CreateSymbolicLink(Path.Join(directory, top), Path.Join(Link, top));
        }

        var next = Path.Join(directory, "..data_tmp");
        File.CreateSymbolicLink(next, Path.GetFileName(fresh));
        // .NET moves no link to a directory over another one.
        LocalRuntime.Processes.Command.RunAsync("mv", ["-T", next, link], null, default).GetAwaiter().GetResult();
        foreach (var gone in Directory.EnumerateFileSystemEntries(directory).Where(entry => !Path.GetFileName(entry).StartsWith("..", StringComparison.Ordinal)
            && files.Keys.All(name => name.Split('/')[0] != Path.GetFileName(entry))))
        {
            File.Delete(gone);
        }

        if (old is not null)
        {
            Directory.Delete(old, recursive: true);
        }

        return true;
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static bool Same(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        var there = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(directory, path), File.ReadAllBytes);
        return there.Count == files.Count && files.All(file => there.TryGetValue(file.Key, out var content) && content.AsSpan().SequenceEqual(file.Value));
    }
}
