using System.Security.Cryptography;
using System.Text;
using OsmExt.Kubernetes.Sources;

namespace OsmExt.Cli.Local;

/// <summary>
/// Manifests that were applied to a running mesh: copies, one directory for each that they came from. What is no longer there when a
/// directory is applied again goes.
/// </summary>
internal static class LocalApplied
{
    /// <summary>A mesh begins without any.</summary>
    public static void Begin(string name)
    {
        Remove(name);
        Directory.CreateDirectory(LocalPaths.Applied(name));
    }

    /// <summary>Removes all.</summary>
    public static void Remove(string name)
    {
        if (Directory.Exists(LocalPaths.Applied(name)))
        {
            Directory.Delete(LocalPaths.Applied(name), recursive: true);
        }
    }

    /// <summary>Copies manifests from a directory or file, each at once, and removes what was copied from there earlier and is gone.</summary>
    public static void Put(string name, string source)
    {
        var full = Path.GetFullPath(source);
        var target = Path.Join(LocalPaths.Applied(name), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..16]);
        Directory.CreateDirectory(target);
        var files = File.Exists(full)
            ? [(From: full, Name: Path.GetFileName(full))]
            : Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories).Where(DirectoryScanner.IsManifest).Select(file => (From: file, Name: Path.GetRelativePath(full, file))).ToArray();
        foreach (var (from, file) in files)
        {
            var copy = Path.Join(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (!File.Exists(copy) || !File.ReadAllBytes(copy).AsSpan().SequenceEqual(File.ReadAllBytes(from)))
            {
                File.Copy(from, $"{copy}.new", overwrite: true);
                File.Move($"{copy}.new", copy, overwrite: true);
            }
        }

        var kept = files.Select(file => Path.Join(target, file.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Where(file => !kept.Contains(file)).ToArray())
        {
            File.Delete(gone);
        }
    }
}
