using System.Collections.Immutable;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// What a file contributes: its newest reading, and the earlier versions of objects that the reading does not show but that stay
/// in force.
/// </summary>
/// <param name="Reading">The newest reading.</param>
/// <param name="Kept">
/// Earlier versions, by key: of objects that are now refused, of objects that something unreadable may hide, and of objects that
/// are gone from a file rewritten in place, until their removal is believed.
/// </param>
internal sealed record FileContent(ManifestFile Reading, ImmutableSortedDictionary<ResourceKey, ManifestObject> Kept)
{
    // Of several objects with one key the first is the one the file defines.
    private readonly Dictionary<ResourceKey, ManifestObject> _objects = Reading.Objects.DistinctBy(found => found.Key).ToDictionary(found => found.Key);

    public static FileContent Empty { get; } = new(ManifestFile.Empty, ImmutableSortedDictionary<ResourceKey, ManifestObject>.Empty);

    /// <summary>Whether an object is in force only because its removal is not believed yet.</summary>
    public bool HasDoubtfulRemovals => Kept.Keys.Any(key => HiddenBy(key) is null);

    /// <summary>Whether it contributes anything.</summary>
    public bool HasObjects => Kept.Count > 0 || Reading.Objects.Any(found => found.Resource is not null);

    /// <summary>The content after another reading.</summary>
    /// <param name="reading">The new reading.</param>
    /// <param name="believeRemovals">Whether an object that is not there and that nothing hides is gone.</param>
    public FileContent Next(ManifestFile reading, bool believeRemovals)
    {
        var next = new FileContent(reading, Empty.Kept);
        var kept = ImmutableSortedDictionary.CreateBuilder<ResourceKey, ManifestObject>();
        foreach (var found in _objects.Values.Where(found => found.Resource is not null).Concat(Kept.Values))
        {
            if (!next._objects.TryGetValue(found.Key, out var now))
            {
                kept[found.Key] = found;
            }
            else if (now.Resource is null)
            {
                kept[found.Key] = found with { Location = now.Location };
            }
        }

        next = next with { Kept = kept.ToImmutable() };
        return believeRemovals ? next.BelieveRemovals() : next;
    }

    /// <summary>The content without the objects whose removal was doubtful.</summary>
    public FileContent BelieveRemovals() => this with { Kept = Kept.Where(entry => HiddenBy(entry.Key) is not null).ToImmutableSortedDictionary() };

    /// <summary>What in the newest reading is, or may be, a version of the object that cannot be used; null when nothing is.</summary>
    public SourceLocation? HiddenBy(ResourceKey key)
        => _objects.GetValueOrDefault(key)?.Location
           ?? Reading.Unidentified.FirstOrDefault(hidden => hidden.MayBe(key))?.Location;
}
