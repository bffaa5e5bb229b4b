namespace OsmExt.Kubernetes.Sources;

/// <summary>A manifest file as a scan finds it. Two equal stamps mean: nothing to read.</summary>
/// <param name="Label">What the file is called in locations; also its place in the order of files.</param>
/// <param name="Path">Where it was found.</param>
/// <param name="ResolvedPath">Where it really is, all symbolic links followed; changes when a link is swapped.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Written">When it was last written, in ticks.</param>
/// <param name="Problem">Why it cannot be read, as far as a look from outside can tell; null when it may be readable.</param>
internal sealed record FileStamp(string Label, string Path, string ResolvedPath, long Length, long Written, string? Problem = null)
{
    /// <summary>The same file as it is now; null when it is gone.</summary>
    public FileStamp? Again()
    {
        var file = new FileInfo(ResolvedPath);
        return file.Exists ? this with { Length = file.Length, Written = file.LastWriteTimeUtc.Ticks } : null;
    }
}
