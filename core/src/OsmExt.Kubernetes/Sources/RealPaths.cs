namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// Follows symbolic links in every part of a path. Remembers what it found, so one instance serves one scan: a link may point
/// elsewhere at the next.
/// </summary>
internal sealed class RealPaths
{
    // The limit of Linux; more is a loop.
    private const int MaxLinks = 40;

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>Where the path leads; null when its links form a loop or cannot be read. The last part need not exist.</summary>
    public string? Of(string path)
    {
        var links = 0;
        try
        {
            return Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), ref links);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Resolve(string path, ref int links)
    {
        if (_known.TryGetValue(path, out var known))
        {
            return known;
        }

        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        if (Resolve(parent, ref links) is not { } realParent)
        {
            return null;
        }

        var real = Path.Combine(realParent, Path.GetFileName(path));
        if (new FileInfo(real).LinkTarget is { } target)
        {
            real = ++links > MaxLinks ? null : Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target, realParent)), ref links);
        }

        return real is null ? null : _known[path] = real;
    }
}
