using System.Runtime.Versioning;
using OsmExt.LocalRuntime.State;

namespace OsmExt.LocalRuntime.Pods;

/// <summary>A directory that belongs to one user alone.</summary>
internal static class PrivateDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes an empty directory only we can read. Those above it that are missing can be passed, not listed.</summary>
    public static void Create(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        PassableDirectory.Create(Path.GetDirectoryName(path)!);
        if (OperatingSystem.IsWindows())
        {
            // What is in a user's own directory is for that user there.
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnerOnly);
    }

    /// <summary>Gives the directory and all in it to a user. From then on nobody else but root can read it.</summary>
    [SupportedOSPlatform("linux")]
    public static void GiveTo(string path, uint user)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Append(path))
        {
            // A link has no permissions of its own, and what it points to is not ours to change.
            if (new FileInfo(entry).LinkTarget is null)
            {
                File.SetUnixFileMode(entry, Directory.Exists(entry) ? OwnerOnly : OwnerOnly & ~UnixFileMode.UserExecute);
            }

            Native.ChangeOwner(entry, user);
        }
    }
}
