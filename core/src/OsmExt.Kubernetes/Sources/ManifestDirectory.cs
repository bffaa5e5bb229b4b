using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>Reads directories of manifests once.</summary>
internal static class ManifestDirectory
{
    /// <summary>
    /// Everything in the given directory trees and files, as one batch that makes a snapshot when it is applied to the empty one.
    /// It says that it is synced when every path was there.
    /// </summary>
    public static ResourceBatch Load(params IReadOnlyList<string> paths) => Load(PluginKinds.None, paths);

    /// <inheritdoc cref="Load(IReadOnlyList{string})"/>
    public static ResourceBatch Load(PluginKinds kinds, params IReadOnlyList<string> paths)
    {
        var options = new DirectorySourceOptions { Paths = paths, Kinds = () => kinds };
        var scan = DirectoryScanner.Scan(paths);
        var files = new TrackedFiles(options, TimeProvider.System);
        files.Update(scan, 0, mustRead: true, CancellationToken.None);
        return new BatchBuilder().Next(files.Contents, files.Diagnostics(), files.IsComplete, 0)!;
    }
}
