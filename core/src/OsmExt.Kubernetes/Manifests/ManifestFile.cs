using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Manifests;

/// <summary>What a text of manifests holds.</summary>
/// <param name="Objects">The objects of the kinds the mesh reads, in document order.</param>
/// <param name="Unidentified">What may be further objects, but cannot be read far enough to tell which.</param>
/// <param name="Diagnostics">Everything wrong with the text, sorted.</param>
internal sealed record ManifestFile(
    EquatableArray<ManifestObject> Objects, EquatableArray<UnidentifiedObject> Unidentified, EquatableArray<Diagnostic> Diagnostics)
{
    public static ManifestFile Empty { get; } = new([], [], []);

    /// <summary>The objects that can be used.</summary>
    public IEnumerable<Resource> Resources => Objects.Select(found => found.Resource).OfType<Resource>();
}

/// <summary>An object of a text.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Resource">Its content; null when something in it is wrong, so that it must not be used.</param>
/// <param name="Location">Where it begins.</param>
internal sealed record ManifestObject(ResourceKey Key, Resource? Resource, SourceLocation Location);

/// <summary>
/// Something in a text that hides an object: a document that is not YAML, or an object without a readable kind or name. What is
/// known about it limits which objects it may be; null stands for "any".
/// </summary>
internal sealed record UnidentifiedObject(string? Kind, string? Namespace, string? Name, SourceLocation Location)
{
    /// <summary>Whether this may be the object with that key.</summary>
    public bool MayBe(ResourceKey key) => Matches(Kind, key.Kind) && Matches(Namespace, key.Namespace) && Matches(Name, key.Name);

    private static bool Matches(string? known, string value) => known is null || string.Equals(known, value, StringComparison.Ordinal);
}
