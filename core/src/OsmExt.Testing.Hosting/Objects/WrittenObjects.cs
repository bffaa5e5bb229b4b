using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Testing.Hosting.Objects;

/// <summary>Reads manifests that are texts or files, strictly.</summary>
/// <param name="folder">Where texts may be put for a moment.</param>
internal sealed class WrittenObjects(DirectoryInfo folder)
{
    // What findings call a text that came from no file.
    private const string Text = "text";
    private int _texts;

    /// <exception cref="ArgumentException">They cannot be read as they are; the message names object, field and place.</exception>
    public IReadOnlyList<ResourceChange> OfText(PluginKinds kinds, string manifests)
    {
        var file = Path.Combine(folder.FullName, $"text-{Interlocked.Increment(ref _texts)}.yaml");
        File.WriteAllText(file, manifests);
        try
        {
            return Read(kinds, file, location => location with { File = Text });
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc cref="OfText"/>
    public static IReadOnlyList<ResourceChange> OfPath(PluginKinds kinds, string path) => Read(kinds, path, location => location);

    private static IReadOnlyList<ResourceChange> Read(PluginKinds kinds, string path, Func<SourceLocation, SourceLocation> named)
    {
        var batch = ManifestDirectory.Load(kinds, path);
        var errors = batch.Diagnostics.Where(finding => finding.Severity == Severity.Error)
            .Select(error => error.Location is { } location ? error with { Location = named(location) } : error).ToArray();
        return errors.Length > 0 ? throw new ArgumentException($"The manifests cannot be used:\n  {string.Join("\n  ", errors.Select(error => $"{error}"))}")
            : [.. batch.Changes.Select(change => change.Location is { } location ? change with { Location = named(location) } : change)];
    }
}
