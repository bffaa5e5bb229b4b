using System.Runtime.Versioning;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>Who can reach a file, by the permissions on it and on every directory above it.</summary>
[SupportedOSPlatform("linux")]
internal static class FileAccessRules
{
    private const UnixFileMode OthersRun = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The innermost file or directory on the way that keeps other users from running the program; null when any user can.</summary>
    public static string? FirstBarrier(string program)
    {
        if ((File.GetUnixFileMode(program) & OthersRun) != OthersRun)
        {
            return program;
        }

        return FirstClosed(Path.GetDirectoryName(Path.GetFullPath(program))!);
    }

    /// <summary>The innermost directory on the way to and including this one that other users cannot pass; null when there is none.</summary>
    public static string? FirstClosed(string directory)
        => Ancestors(directory).Prepend(directory).FirstOrDefault(place => !File.GetUnixFileMode(place).HasFlag(UnixFileMode.OtherExecute));

    /// <summary>Whether nobody but the given users can have put the file where it is.</summary>
    public static bool IsUnderControlOf(string path, IReadOnlyCollection<uint> users)
        => Ancestors(path).Prepend(path).All(place => users.Contains(Native.OwnerOf(place)) && !IsOpen(File.GetUnixFileMode(place)));

    // In a sticky directory everybody can add, but nobody can replace what is another's.
    private static bool IsOpen(UnixFileMode mode) => mode.HasFlag(UnixFileMode.OtherWrite) && !mode.HasFlag(UnixFileMode.StickyBit);

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var directory = Path.GetDirectoryName(Path.GetFullPath(path)); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            yield return directory;
        }
    }
}
