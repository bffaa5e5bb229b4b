using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Crds;

/// <summary>What the API server is told about a kind of ours besides its schema.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Plural">Its name in addresses.</param>
internal sealed record CustomKind(ResourceKind Kind, string Plural)
{
    /// <summary>What people may write for it.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>
    /// Whether versions are converted by the control plane. Where they are not, the API server only replaces the version, and drops what the other does not have.
    /// </summary>
    public bool IsConverted { get; init; }

    /// <summary>Whether an object without <c>spec</c> means something.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>Versions that are served and warned about: which, and what to say.</summary>
    public IReadOnlyDictionary<string, string> Deprecated { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What <c>kubectl get</c> shows beside the common columns: name, type, path.</summary>
    public IReadOnlyList<(string Name, string Type, string Path)> Columns { get; init; } = [];

    /// <summary>For people who ask <c>kubectl explain</c>.</summary>
    public string Description { get; init; } = "";

    public string FullName => $"{Plural}.{Kind.Group}";

    /// <summary>The name that an API has for many of a kind, by English rules: what kinds without a table entry are called.</summary>
    public static string PluralOf(string kind)
    {
        var name = kind.ToLowerInvariant();
        return name switch
        {
            [.., 's', 's'] or [.., 'x'] or [.., 'c' or 's', 'h'] => $"{name}es",
            [.., 's'] => name,
            [.., not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => $"{name[..^1]}ies",
            _ => $"{name}s",
        };
    }
}
