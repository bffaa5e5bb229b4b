using OsmExt.Kubernetes.Models;
using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Which fields of a server's objects are read at all. Of Kubernetes' own kinds those the mesh uses: a newer server's fields are nobody's mistake. Of custom
/// resources the whole spec, so that what is misspelt in it is found.
/// </summary>
internal sealed class FieldFilter
{
    private static readonly FieldFilter Whole = new([]);
    private readonly Dictionary<string, FieldFilter> _fields;

    // What is named itself is read whole, whatever is named below it.
    private FieldFilter(IEnumerable<string> paths)
        => _fields = paths.Select(path => path.Split('.', 2)).GroupBy(path => path[0], StringComparer.Ordinal).ToDictionary(
            field => field.Key,
            field => field.Any(path => path.Length == 1) ? Whole! : new FieldFilter(field.Select(path => path[1])),
            StringComparer.Ordinal);

    public static FieldFilter For(ResourceKind kind) => new([.. kind.Reads.Paths, "apiVersion", "kind", "metadata.generation", .. IsOwn(kind) ? ["spec"] : Array.Empty<string>()]);

    /// <summary>The filter for what is in a field; null when the field is not read. Items of lists have the filter of their list.</summary>
    public FieldFilter? In(string field) => ReferenceEquals(this, Whole) ? Whole : _fields.GetValueOrDefault(field);

    private static bool IsOwn(ResourceKind kind)
        => kind.Model.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(CustomObject<>);
}
