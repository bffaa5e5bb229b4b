using OsmExt.Envoy;

namespace OsmExt.Xds.Snapshots;

/// <summary>Compares two lists of resources that are mostly the same objects in the same order.</summary>
internal static class ResourceLists
{
    private const int LookAhead = 8;

    /// <summary>What turns one list into the other. As long as the lists run side by side it costs a glance for each resource.</summary>
    public static List<XdsChange> Changes(ReadOnlySpan<XdsResource> before, ReadOnlySpan<XdsResource> after)
    {
        var gone = new List<XdsResource>();
        var come = new List<XdsResource>();
        var (i, j) = (0, 0);
        while (i < before.Length && j < after.Length)
        {
            if (ReferenceEquals(before[i], after[j]))
            {
                (i, j) = (i + 1, j + 1);
            }
            else
            {
                var (skipped, added) = Aside(before, i, after, j);
                gone.AddRange(before.Slice(i, skipped));
                come.AddRange(after.Slice(j, added));
                (i, j) = (i + skipped, j + added);
            }
        }

        gone.AddRange(before[i..]);
        come.AddRange(after[j..]);
        return Changes(gone, come);
    }

    private static List<XdsChange> Changes(List<XdsResource> gone, List<XdsResource> come)
    {
        var left = gone.ToDictionary(resource => (resource.TypeUrl, resource.Name));
        var changes = new List<XdsChange>();
        foreach (var resource in come)
        {
            if (!left.Remove((resource.TypeUrl, resource.Name), out var known) || !known.Equals(resource))
            {
                changes.Add(XdsChange.Set(resource));
            }
        }

        changes.AddRange(left.Keys.Select(key => XdsChange.Remove(key.TypeUrl, key.Name)));
        return changes;
    }

    // How far to go on either side until the lists meet again; one on each if that is not near.
    private static (int Before, int After) Aside(ReadOnlySpan<XdsResource> before, int i, ReadOnlySpan<XdsResource> after, int j)
    {
        for (var distance = 1; distance <= LookAhead; distance++)
        {
            for (var part = 0; part <= distance; part++)
            {
                if (i + part < before.Length && j + distance - part < after.Length && ReferenceEquals(before[i + part], after[j + distance - part]))
                {
                    return (part, distance - part);
                }
            }
        }

        return (1, 1);
    }
}
