namespace OsmExt.Kubernetes.Sources;

/// <summary>What a file event says about a path.</summary>
internal enum Touch
{
    /// <summary>It was written to, or removed.</summary>
    Written,

    /// <summary>It is new: moved here from outside, or created and perhaps still empty.</summary>
    Placed,

    /// <summary>It was renamed to this name.</summary>
    Renamed,
}

/// <summary>File events since they were last taken: the last one about each path, and when they came.</summary>
internal sealed class Touches
{
    private readonly Dictionary<string, Touch> _paths = new(StringComparer.Ordinal);

    /// <summary>When the first and the last event came, as timestamps; null when none did.</summary>
    public (long First, long Last)? Noticed { get; private set; }

    /// <summary>An event that says no more than that something happened.</summary>
    public void Sign(long noticed) => Noticed = (Noticed?.First ?? noticed, noticed);

    public void Add(string path, Touch touch, long noticed)
    {
        Sign(noticed);
        _paths[path] = touch;
    }

    public void Add(Touches later)
    {
        foreach (var (path, touch) in later._paths)
        {
            _paths[path] = touch;
        }
    }

    public void Clear() => _paths.Clear();

    /// <summary>Whether there was an event about the file itself.</summary>
    public bool Has(FileStamp file) => _paths.ContainsKey(file.ResolvedPath);

    /// <summary>
    /// Whether the file was put in place as a whole: it, or a directory above it, was renamed, or it appeared and nothing was
    /// written to it afterwards. A directory that merely appeared says nothing, as its files may still be written.
    /// </summary>
    public bool IsReplaced(FileStamp file)
    {
        if (_paths.TryGetValue(file.ResolvedPath, out var own))
        {
            return own is Touch.Placed or Touch.Renamed;
        }

        for (var above = Path.GetDirectoryName(file.ResolvedPath); above is not null; above = Path.GetDirectoryName(above))
        {
            if (_paths.TryGetValue(above, out var touch))
            {
                return touch is Touch.Renamed;
            }
        }

        return false;
    }
}
