using System.Security.Cryptography;
using System.Text;

namespace OsmExt.PluginHost.Loading;

/// <summary>
/// All files of a plugin, read once, so that what is verified is what is used. Hidden entries are passed over, links are followed:
/// a mounted ConfigMap looks like that. What is for people and tests only is not part of it.
/// </summary>
internal sealed class PluginFiles
{
    private const int MaxFiles = 500;
    private const long MaxBytes = 64 * 1024 * 1024;
    private static readonly string[] NotShipped = ["test", "cases", "obj", "README.md"];

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private PluginFiles(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Of names and contents.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>What its signature file says; null when there is none. It is about the digest, and so not part of it.</summary>
    public string? Signature { get; private set; }

    /// <exception cref="IOException">They cannot be read, or there is too much of them.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be read.</exception>
    /// <exception cref="InvalidDataException">One has a name that plugins' files must not have.</exception>
    public static PluginFiles Read(string folder)
    {
        var files = new PluginFiles(folder);
        files.Add(new DirectoryInfo(folder), "", 0);
        if (files._files.Remove(PluginSignature.FileName, out var signature))
        {
            files.Signature = Encoding.UTF8.GetString(signature);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, content) in files._files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\n{content.Length}\n"));
            hash.AppendData(content);
        }

        files.Digest = $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
        return files;
    }

    /// <summary>Names and contents, sorted by name.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> All => _files;

    public string? Text(string path) => _files.TryGetValue(path, out var content) ? Encoding.UTF8.GetString(content).TrimStart('\uFEFF') : null;

    public bool Has(string path) => _files.ContainsKey(path);

    /// <summary>Writes a copy of all files.</summary>
    public void CopyTo(string folder)
    {
        foreach (var (path, content) in _files)
        {
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, content);
        }
    }

    private void Add(DirectoryInfo folder, string prefix, int depth)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().Where(entry => !entry.Name.StartsWith('.') && !(depth == 0 && NotShipped.Contains(entry.Name, StringComparer.Ordinal))))
        {
            // Names end with a line in what the digest is of: with lines in them, other files could have the same digest.
            if (entry.Name.Any(char.IsControl))
            {
                throw new InvalidDataException($"The name of \"{string.Concat((prefix + entry.Name).Select(letter => char.IsControl(letter) ? '?' : letter))}\" holds a control character.");
            }

            var path = prefix + entry.Name;
            var isFolder = entry.ResolveLinkTarget(returnFinalTarget: true) is { } target ? target is DirectoryInfo : entry is DirectoryInfo;
            if (isFolder && depth < 8)
            {
                Add(new DirectoryInfo(entry.FullName), $"{path}/", depth + 1);
            }
            else if (!isFolder)
            {
                _files.Add(path, File.ReadAllBytes(entry.FullName));
                if (_files.Count > MaxFiles || _files.Values.Sum(content => (long)content.Length) > MaxBytes)
                {
                    throw new IOException($"There are more than {MaxFiles} files or {MaxBytes / 1024 / 1024} MB in it.");
                }
            }
        }
    }
}
