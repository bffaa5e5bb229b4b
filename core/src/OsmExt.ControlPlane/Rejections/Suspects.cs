using System.Collections.Immutable;
using OsmExt.Compiler.Contributions;
using OsmExt.Envoy;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Protocol;

namespace OsmExt.ControlPlane.Rejections;

/// <summary>The contributions that may be to blame for a refusal, the first to look at first.</summary>
/// <param name="Items">In that order.</param>
/// <param name="AreNew">Whether no proxy of this build has ever taken one of them, so that all of them would refuse it.</param>
internal sealed record Suspects(ImmutableArray<PlacedContribution> Items, bool AreNew)
{
    /// <param name="refused">What was refused.</param>
    /// <param name="own">What proxies of the same scope have acknowledged of these resources.</param>
    /// <param name="others">What proxies of the same build have acknowledged of this type.</param>
    /// <param name="snapshot">The objects, of which the newest is looked at first.</param>
    public static Suspects Of(RefusedResources refused, IEnumerable<XdsResource> own, IEnumerable<XdsResource> others, ResourceSnapshot snapshot)
    {
        var parts = new ContributedParts(refused.Live.View.Contributions.All);
        var inside = refused.Resources.SelectMany(parts.In).ToHashSet();
        if (inside.Count == 0)
        {
            return new([], AreNew: false);
        }

        // What was taken before, and is the same, is to blame last.
        var taken = own.SelectMany(parts.In).ToHashSet();
        var elsewhere = others.SelectMany(parts.In).ToHashSet();
        HashSet<PlacedContribution>[] circles = [[.. inside.Except(taken).Except(elsewhere)], [.. inside.Except(taken)], inside];
        var nearest = Array.FindIndex(circles, circle => circle.Count > 0);
        var ordered = circles[nearest]
            .OrderByDescending(item => IsNamed(item, refused.Refusal.Message))
            .ThenByDescending(item => item.Origin is { } origin ? snapshot.Find<Resource>(origin)?.Metadata.Created ?? DateTimeOffset.MinValue : DateTimeOffset.MinValue)
            .ThenByDescending(item => item.Rank).ThenByDescending(item => item.Origin).ThenBy(item => item.Content, StringComparer.Ordinal);
        return new([.. ordered], AreNew: nearest == 0);
    }

    // Only a reason to look there first: a plugin could have Envoy say the name of another.
    private static bool IsNamed(PlacedContribution item, string message)
        => RejectionMessage.Names(message, item.Name) || RejectionMessage.Names(message, ContributedResources.NameOf(item.Message));
}
