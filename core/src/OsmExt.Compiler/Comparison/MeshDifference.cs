using System.Text.Json.Nodes;

namespace OsmExt.Compiler.Comparison;

/// <summary>How a proxy, or something it is sent, changes.</summary>
internal enum Change
{
    Added,
    Removed,
    Changed,
}

/// <summary>A resource that changes.</summary>
/// <param name="Section">As in <see cref="MeshDocument"/>: <c>listeners</c>, <c>routes</c> and so on.</param>
/// <param name="Name">Its name.</param>
/// <param name="Change">How.</param>
/// <param name="Fields">In which fields, when it is changed; otherwise empty.</param>
internal sealed record ResourceDifference(string Section, string Name, Change Change, IReadOnlyList<FieldChange> Fields);

/// <summary>A proxy whose configuration changes.</summary>
/// <param name="Proxy"><c>NAMESPACE/POD</c>.</param>
/// <param name="Change">How; a proxy that is new or gone lists its resources all the same.</param>
/// <param name="Resources">What changes, in the order of a <see cref="MeshDocument"/>.</param>
internal sealed record ProxyDifference(string Proxy, Change Change, IReadOnlyList<ResourceDifference> Resources);

/// <summary>What changes for every proxy between two meshes.</summary>
/// <param name="Proxies">The proxies that change, sorted; those that stay as they are not listed.</param>
internal sealed record MeshDifference(IReadOnlyList<ProxyDifference> Proxies)
{
    /// <summary>Compares two documents of <see cref="MeshDocument"/>.</summary>
    public static MeshDifference Between(JsonObject before, JsonObject after)
    {
        var (old, now) = (before["proxies"]!.AsObject(), after["proxies"]!.AsObject());
        return new([.. old.Concat(now).Select(proxy => proxy.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(proxy => new ProxyDifference(proxy, HowOf(old[proxy], now[proxy]), Resources(old[proxy]?.AsObject(), now[proxy]?.AsObject())))
            .Where(proxy => proxy.Resources.Count > 0 || proxy.Change != Change.Changed)]);
    }

    private static List<ResourceDifference> Resources(JsonObject? before, JsonObject? after)
    {
        var differences = new List<ResourceDifference>();
        foreach (var (section, _) in after ?? before ?? [])
        {
            var (old, now) = (ByName(before?[section]), ByName(after?[section]));
            foreach (var name in old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var (was, becomes) = (old.GetValueOrDefault(name), now.GetValueOrDefault(name));
                if (!JsonNode.DeepEquals(was, becomes))
                {
                    var change = HowOf(was, becomes);
                    differences.Add(new(section, name, change, change == Change.Changed ? FieldChanges.Between(was, becomes) : []));
                }
            }
        }

        return differences;
    }

    private static Dictionary<string, JsonNode> ByName(JsonNode? section)
        => (section?.AsArray() ?? [])
            .ToDictionary(resource => FieldChanges.NameOf(resource!.AsObject())!, resource => resource!, StringComparer.Ordinal);

    private static Change HowOf(JsonNode? before, JsonNode? after)
        => before is null ? Change.Added : after is null ? Change.Removed : Change.Changed;
}
