using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>How far what was made of an object has come at the proxies that are connected.</summary>
internal sealed record ObjectProgress
{
    public static ObjectProgress None { get; } = new();

    /// <summary>The proxies that are to have it.</summary>
    public ProxyShare Proxies { get; init; } = new(0, 0);

    /// <summary>Those of them that are not configured anew at present, since a plugin failed.</summary>
    public int Held { get; init; }

    /// <summary>What proxies refuse of it now.</summary>
    public EquatableArray<Refusal> Refused { get; init; }

    /// <summary>Replicas whose proxies are not among those counted, since they have not yet read the object as it is now.</summary>
    public int Behind { get; init; }

    /// <summary>By target, where it has several.</summary>
    public EquatableArray<TargetStatus> Targets { get; init; }

    /// <summary>The same together with what another replica counts.</summary>
    /// <param name="share">What it says of the object; null when it has not read it.</param>
    /// <param name="generation">The object as it is now.</param>
    public ObjectProgress With(ObjectShare? share, long? generation)
    {
        if (share is null || share.Generation != generation)
        {
            return this with { Behind = Behind + 1 };
        }

        var other = share.Progress;
        return this with
        {
            Proxies = Sum(Proxies, other.Proxies), Held = Held + other.Held, Refused = [.. Refused, .. other.Refused],
            Targets = [.. Targets.Concat(other.Targets).GroupBy(target => target.Target, StringComparer.Ordinal).OrderBy(target => target.Key, StringComparer.Ordinal)
                .Select(target => new TargetStatus(target.Key, target.Select(entry => entry.Proxies).Aggregate(Sum)))],
        };
    }

    private static ProxyShare Sum(ProxyShare one, ProxyShare other) => new(one.Selected + other.Selected, one.Acknowledged + other.Acknowledged);
}
