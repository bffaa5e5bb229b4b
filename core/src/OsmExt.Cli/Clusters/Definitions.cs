using OsmExt.Yaml;

namespace OsmExt.Cli.Clusters;

/// <summary>The chart's definitions of kinds. helm makes them and never changes them; this does.</summary>
internal static class Definitions
{
    private const string Path = "apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    /// <summary>Where a definition is.</summary>
    public static string PathOf(string name) => $"{Path}/{name}";

    /// <summary>Brings those of a text up to date.</summary>
    public static async Task ApplyAsync(ClusterKinds kinds, string manifests, CancellationToken cancellation)
    {
        foreach (var (name, text) in Split(manifests))
        {
            await kinds.ApplyAsync(PathOf(name), text, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Those in this program's chart.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. HelmChart.Files.Where(file => file.Path.StartsWith("crds/", StringComparison.Ordinal)).SelectMany(file => Split(file.Text)).Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Name, string Text)> Split(string manifests)
        => manifests.Split("\n---", StringSplitOptions.RemoveEmptyEntries).SelectMany(text =>
            Preflight.Definitions(YamlText.Read(text).Documents.Select(document => document.Root)).Select(definition => (definition.Name, text)));
}
