using System.IO.Enumeration;
using OsmExt.Sdk.Collections;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// Finds the manifest files below the watched paths. Hidden entries are passed over: among them are the directories behind a
/// mounted ConfigMap (<c>..data</c>), whose files are seen through the links beside them, and what editors leave behind.
/// </summary>
internal sealed class DirectoryScanner
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly RealPaths _paths = new();
    private readonly List<FileStamp> _files = [];
    private readonly List<ScanGap> _gaps = [];
    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);

    private DirectoryScanner()
    {
    }

    public static DirectoryScan Scan(IReadOnlyList<string> roots)
    {
        var scanner = new DirectoryScanner();
        foreach (var root in roots)
        {
            scanner.AddRoot(root, roots.Count == 1);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var files = scanner._files
            .OrderBy(file => file.Label, StringComparer.Ordinal)
            .Where(file => seen.Add(file.ResolvedPath))
            .ToEquatableArray();
        return new(files, scanner._gaps.ToEquatableArray());
    }

    public static bool IsManifest(string path) => Path.GetExtension(path) is ".yaml" or ".yml" or ".json" && !IsHidden(Path.GetFileName(path));

    private static bool IsHidden(string name) => name.StartsWith('.');

    // With a single root labels are relative to it; with several they begin with the root as it was given.
    private void AddRoot(string root, bool isOnly)
    {
        var given = root.Replace('\\', '/').TrimEnd('/');
        if (_paths.Of(root) is { } real && Directory.Exists(real))
        {
            AddDirectory(root, real, isOnly ? "" : given, isRoot: true);
        }
        else if (File.Exists(root))
        {
            AddFile(root, isOnly ? Path.GetFileName(given) : given);
        }
        else
        {
            _gaps.Add(new(isOnly ? "" : given, root, "There is no such file or directory", IsRoot: true));
        }
    }

    private void AddDirectory(string path, string real, string label, bool isRoot = false)
    {
        if (!_visited.Add(real))
        {
            return;
        }

        foreach (var entry in List(path, real, label, isRoot).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var entryPath = Path.Combine(path, entry.Name);
            var name = YamlScalar.Printable(entry.Name);
            var entryLabel = label.Length == 0 ? name : $"{label}/{name}";
            if (IsManifest(entry.Name))
            {
                AddManifest(entry, entryPath, real, entryLabel);
            }
            else if (entry.IsDirectory && (entry.IsLink ? _paths.Of(entryPath) : Path.Combine(real, entry.Name)) is { } target)
            {
                AddDirectory(entryPath, target, entryLabel);
            }
        }
    }

    private List<Entry> List(string path, string real, string label, bool isRoot)
    {
        try
        {
            return [.. new FileSystemEnumerable<Entry>(real, Entry.From, Everything) { ShouldIncludePredicate = Entry.IsOfUse }];
        }
        catch (DirectoryNotFoundException) when (!isRoot)
        {
            // Gone since its parent was listed.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _gaps.Add(new(label, path, FileText.Describe(exception), isRoot));
        }

        return [];
    }

    private void AddManifest(Entry entry, string path, string realParent, string label)
    {
        if (entry.IsLink)
        {
            AddFile(path, label);
        }
        else
        {
            var problem = entry.IsDirectory ? "It is a directory" : null;
            _files.Add(new(label, path, Path.Combine(realParent, entry.Name), entry.IsDirectory ? 0 : entry.Length, entry.IsDirectory ? 0 : entry.Written, problem));
        }
    }

    private void AddFile(string path, string label)
    {
        var real = _paths.Of(path);
        var file = real is null ? null : new FileInfo(real);
        _files.Add(file is { Exists: true }
            ? new(label, path, real!, file.Length, file.LastWriteTimeUtc.Ticks)
            : new(label, path, real ?? path, 0, 0, Directory.Exists(real) ? "It is a directory" : "It is a symbolic link to nothing"));
    }

    private readonly record struct Entry(string Name, bool IsDirectory, bool IsLink, long Length, long Written)
    {
        public static bool IsOfUse(ref FileSystemEntry entry)
        {
            var name = entry.FileName.ToString();
            return !IsHidden(name) && (IsManifest(name) || entry.IsDirectory);
        }

        public static Entry From(ref FileSystemEntry entry) => new(
            entry.FileName.ToString(), entry.IsDirectory, entry.Attributes.HasFlag(FileAttributes.ReparsePoint), entry.Length, entry.LastWriteTimeUtc.Ticks);
    }
}
