namespace OsmExt.Kubernetes.Sources;

/// <summary>What file events say about paths: written in place, or replaced at once (by a rename or a new link).</summary>
internal sealed class Touches
{
    private readonly Dictionary<string, bool> _replaced = new(StringComparer.Ordinal);

    /// <summary>When the first and the last event came, as timestamps; null when none did.</summary>
    public (long First, long Last)? Noticed { get; private set; }

    /// <summary>An event that says no more than that something happened.</summary>
    public void Sign(long noticed) => Noticed = (Noticed?.First ?? noticed, noticed);

    /// <summary>An event about a path. Writing to a file after it was put in place makes it one written in place.</summary>
    public void Add(string path, bool replaced, long noticed)
    {
        Sign(noticed);
        _replaced[path] = replaced;
    }

    public void Add(Touches later)
    {
        foreach (var (path, replaced) in later._replaced)
        {
            _replaced[path] = replaced;
        }
    }

    public void Clear() => _replaced.Clear();

    /// <summary>Whether there was an event about the file itself.</summary>
    public bool Has(FileStamp file) => _replaced.ContainsKey(file.ResolvedPath);

    /// <summary>Whether the file, or a directory above it, was replaced at once, so that it is complete.</summary>
    public bool IsReplaced(FileStamp file)
    {
        for (var at = file.ResolvedPath; at is not null; at = Path.GetDirectoryName(at))
        {
            if (_replaced.TryGetValue(at, out var replaced))
            {
                return replaced;
            }
        }

        return false;
    }
}
