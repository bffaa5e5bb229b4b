using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// One set of objects from many files. Of several objects with one key the first counts, by file and then by place in the file,
/// in whatever order they were found; one that cannot be used keeps its place, so that breaking it does not put another version
/// in force.
/// </summary>
internal sealed class ManifestMerge
{
    private readonly Dictionary<ResourceKey, ManifestObject> _objects = [];
    private readonly List<Diagnostic> _diagnostics = [];

    private ManifestMerge()
    {
    }

    /// <param name="files">The files' contents, in the order of their names.</param>
    public static (IReadOnlyDictionary<ResourceKey, ManifestObject> Objects, IReadOnlyList<Diagnostic> Diagnostics) Of(IReadOnlyCollection<FileContent> files)
    {
        var merge = new ManifestMerge();
        foreach (var file in files)
        {
            merge._diagnostics.AddRange(file.Reading.Diagnostics);
            foreach (var found in file.Reading.Objects)
            {
                merge.Add(file, found);
            }
        }

        // What no document shows any more gives way to any that does: the object may have moved to another file.
        foreach (var file in files)
        {
            foreach (var (key, kept) in file.Kept)
            {
                merge.AddHidden(file, key, kept);
            }
        }

        return (merge._objects, merge._diagnostics);
    }

    private void Add(FileContent file, ManifestObject found)
    {
        if (_objects.TryGetValue(found.Key, out var first))
        {
            var isEqual = found.Resource is not null && found.Resource.Equals(first.Resource);
            _diagnostics.Add(new(DiagnosticCodes.DuplicateObject, isEqual ? Severity.Warning : Severity.Error, found.Key, "",
                $"This object is also defined at {first.Location}, which comes first and counts", "Remove one of the two", found.Location));
        }
        else if (found.Resource is null && file.Kept.TryGetValue(found.Key, out var kept))
        {
            _objects.Add(found.Key, kept);
            ReportKept(found.Key, "what it says now cannot be used", found.Location);
        }
        else
        {
            _objects.Add(found.Key, found);
        }
    }

    private void AddHidden(FileContent file, ResourceKey key, ManifestObject kept)
    {
        if (_objects.TryAdd(key, kept) && file.HiddenBy(key) is { } location)
        {
            ReportKept(key, $"it is not to be seen any more, but {location} cannot be read and may hide it", location);
        }
    }

    private void ReportKept(ResourceKey key, string reason, SourceLocation location) => _diagnostics.Add(new(
        DiagnosticCodes.LastGoodKept, Severity.Warning, key, "", $"Its last good version stays in force: {reason}",
        "Mend what is reported there, or delete the file to remove the object", location));
}
