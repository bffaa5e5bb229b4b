using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>Turns states into the batches that lead from one to the next.</summary>
internal sealed class BatchBuilder
{
    private readonly Dictionary<ResourceKey, ManifestObject> _published = [];
    private EquatableArray<Diagnostic> _diagnostics;
    private bool _isSynced;
    private bool _isFirst = true;

    /// <summary>The batch that makes the state known; null when there is nothing new in it.</summary>
    /// <param name="contents">The files' contents, in the order of their names.</param>
    /// <param name="fileDiagnostics">What is wrong with the files themselves.</param>
    /// <param name="isComplete">Whether the contents are all there is.</param>
    /// <param name="observedAt">When the change was noticed.</param>
    public ResourceBatch? Next(IReadOnlyCollection<FileContent> contents, IEnumerable<Diagnostic> fileDiagnostics, bool isComplete, long observedAt)
    {
        var (objects, found) = ManifestMerge.Of(contents);
        var diagnostics = found.Concat(fileDiagnostics).Distinct().Order().ToEquatableArray();
        var changes = Changes(objects).OrderBy(change => change.Key).ToEquatableArray();
        var isSynced = _isSynced || isComplete;
        if (!_isFirst && changes.IsEmpty && diagnostics == _diagnostics && isSynced == _isSynced)
        {
            return null;
        }

        (_diagnostics, _isSynced, _isFirst) = (diagnostics, isSynced, false);
        return new(changes, diagnostics, isSynced, observedAt);
    }

    // A moved object is a change too: its new place is what later findings about it will name.
    private List<ResourceChange> Changes(IReadOnlyDictionary<ResourceKey, ManifestObject> objects)
    {
        var changes = new List<ResourceChange>();
        foreach (var key in _published.Keys.Where(key => objects.GetValueOrDefault(key)?.Resource is null).ToList())
        {
            _published.Remove(key);
            changes.Add(new(key, null));
        }

        foreach (var (key, found) in objects.Where(entry => entry.Value.Resource is not null && !entry.Value.Equals(_published.GetValueOrDefault(entry.Key))))
        {
            _published[key] = found;
            changes.Add(new(key, found.Resource, found.Location));
        }

        return changes;
    }
}
