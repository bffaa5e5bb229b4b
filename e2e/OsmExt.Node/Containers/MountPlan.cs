using System.Text;

namespace OsmExt.Node.Containers;

/// <summary>A directory of the node that a container sees.</summary>
/// <param name="Source">Where it is on the node; a file when only one is mounted.</param>
/// <param name="Target">Where the container sees it.</param>
/// <param name="ReadOnly">Whether it may not be written through it.</param>
internal sealed record Mount(string Source, string Target, bool ReadOnly);

/// <summary>
/// A container's own view of the machine's files, as a script that runs inside a mount namespace of its own: everything the machine has, with
/// volumes put over it. Only directories that have to get new names inside are copied, on writing, in memory.
/// </summary>
internal static class MountPlan
{
    // What the network namespace shows as its own, which a copy of /etc would hide again.
    private static readonly string[] Names = ["/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf"];

    /// <summary>The script. Its first argument is the new root, an empty directory; the rest is what to run there.</summary>
    /// <param name="mounts">The volumes.</param>
    /// <param name="readOnlyRoot">Whether nothing but volumes may be written.</param>
    public static string Script(IReadOnlyList<Mount> mounts, bool readOnlyRoot)
    {
        mounts = [.. mounts.Select(mount => mount with { Target = Real(mount.Target) })];
        var changed = mounts.Select(mount => Top(mount.Target)).ToHashSet(StringComparer.Ordinal);
        var script = new StringBuilder("set -e\nroot=$1\nshift\nmount -t tmpfs -o mode=755 none \"$root\"\n");
        foreach (var entry in new DirectoryInfo("/").EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var path = $"/{entry.Name}";
            script.AppendLine(entry switch
            {
                { LinkTarget: { } target } => $"ln -s {Quoted(target)} \"$root\"{Quoted(path)}",
                FileInfo => $"touch \"$root\"{Quoted(path)}; mount --bind {Quoted(path)} \"$root\"{Quoted(path)}",
                _ when path is "/proc" or "/sys" or "/dev" => $"mkdir \"$root\"{path}; mount --rbind {path} \"$root\"{path}",
                _ when changed.Contains(path) || path is "/tmp" => Copy(path),
                _ => $"mkdir \"$root\"{Quoted(path)}; mount --bind {Quoted(path)} \"$root\"{Quoted(path)}{(readOnlyRoot ? $"; mount -o remount,bind,ro \"$root\"{Quoted(path)}" : "")}",
            });
        }

        foreach (var top in changed.Where(top => !Path.Exists(top)).Order(StringComparer.Ordinal))
        {
            script.AppendLine($"mkdir \"$root\"{Quoted(top)}");
        }

        foreach (var name in Names.Where(File.Exists))
        {
            script.AppendLine($"mount --bind {name} \"$root\"{name}");
        }

        // Outer ones first.
        foreach (var mount in mounts.OrderBy(mount => mount.Target, StringComparer.Ordinal))
        {
            script.AppendLine(File.Exists(mount.Source)
                ? $"mkdir -p \"$root\"{Quoted(Path.GetDirectoryName(mount.Target)!)}; touch \"$root\"{Quoted(mount.Target)}"
                : $"mkdir -p \"$root\"{Quoted(mount.Target)}");
            script.AppendLine($"mount --bind {Quoted(mount.Source)} \"$root\"{Quoted(mount.Target)}");
            if (mount.ReadOnly)
            {
                script.AppendLine($"mount -o remount,bind,ro \"$root\"{Quoted(mount.Target)}");
            }
        }

        foreach (var top in readOnlyRoot ? changed.Append("/tmp").Distinct() : [])
        {
            script.AppendLine($"mountpoint -q \"$root\"{Quoted(top)} && mount -o remount,bind,ro \"$root\"{Quoted(top)}");
        }

        if (readOnlyRoot)
        {
            script.AppendLine("mount -o remount,bind,ro \"$root\"");
        }

        return script.Append("exec chroot \"$root\" \"$@\"\n").ToString();
    }

    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Upper and work directory lie in the root's own memory.
    private static string Copy(string path) =>
        $"mkdir \"$root\"{path}; mkdir -p \"$root\"/.changed{path}/up \"$root\"/.changed{path}/work; chmod --reference={path} \"$root\"/.changed{path}/up; "
        + $"mount -t overlay overlay -o lowerdir={path},upperdir=\"$root\"/.changed{path}/up,workdir=\"$root\"/.changed{path}/work \"$root\"{path}";

    // A link such as /var/run would lead out of the new root while it is being made.
    private static string Real(string path)
    {
        var real = "/";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Join(real, part);
            real = Directory.Exists(next) && new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : next;
        }

        return real;
    }

    private static string Top(string path) => "/" + path.Split('/', StringSplitOptions.RemoveEmptyEntries).First();
}
