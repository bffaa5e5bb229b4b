using System.Text;

namespace OsmExt.Kubernetes.Views;

/// <summary>
/// The fields of a kind that the mesh reads. A wrong value in one of them makes the object unusable; a wrong value anywhere else
/// costs a warning, since the mesh would not have looked.
/// </summary>
internal sealed class FieldSet
{
    private static readonly string[] Metadata =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations", "metadata.creationTimestamp",
        "metadata.ownerReferences.kind", "metadata.ownerReferences.name", "metadata.ownerReferences.controller",
    ];

    private readonly string[] _paths;

    private FieldSet(IEnumerable<string> paths) => _paths = [.. Metadata, .. paths];

    /// <summary>The metadata in use, and the given paths with all that is below them; list indices are left out.</summary>
    public static FieldSet Of(params string[] paths) => new(paths);

    /// <summary>Whether nothing but metadata is read.</summary>
    public bool IsMetadataOnly => _paths.Length == Metadata.Length;

    /// <summary>The fields, without list indices.</summary>
    public IEnumerable<string> Paths => _paths;

    /// <summary>Whether a problem at that path spoils something in the set: the path is in it, or leads to something in it.</summary>
    public bool Touches(string path)
    {
        var plain = WithoutIndices(path);
        return _paths.Any(read => Leads(read, plain) || Leads(plain, read));
    }

    private static bool Leads(string from, string to)
        => from.Length == 0 || (to.StartsWith(from, StringComparison.Ordinal) && (to.Length == from.Length || to[from.Length] == '.'));

    private static string WithoutIndices(string path)
    {
        var plain = new StringBuilder(path.Length);
        var depth = 0;
        foreach (var letter in path)
        {
            depth += letter == '[' ? 1 : 0;
            if (depth == 0)
            {
                plain.Append(letter);
            }

            depth -= letter == ']' && depth > 0 ? 1 : 0;
        }

        return plain.ToString();
    }
}
