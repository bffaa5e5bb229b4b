using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Discovery;

/// <summary>What clients learn about the kinds that are served: group by group as of old, or all in one document.</summary>
internal static class DiscoveryDocuments
{
    public static JsonObject CoreVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    public static JsonObject Groups(KindTable kinds) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Named(kinds).Select(group => Group(group.Key, group))]),
    };

    /// <summary>One group; null when there is none of the name.</summary>
    public static JsonObject? Group(KindTable kinds, string name)
        => Named(kinds).FirstOrDefault(group => group.Key == name) is { } found ? Group(name, found).With(("kind", "APIGroup"), ("apiVersion", "v1")) : null;

    /// <summary>The kinds of one version of a group; null when there are none.</summary>
    public static JsonObject? Resources(KindTable kinds, string group, string version)
    {
        var served = kinds.All.Where(kind => kind.Group == group && kind.Version == version).ToList();
        return served is [] ? null : new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = served[0].ApiVersion,
            ["resources"] = new JsonArray([.. served.SelectMany(Resources)]),
        };
    }

    private static IEnumerable<IGrouping<string, ResourceKind>> Named(KindTable kinds) => kinds.All.Where(kind => kind.Group.Length > 0).GroupBy(kind => kind.Group, StringComparer.Ordinal);

    private static JsonObject Group(string name, IEnumerable<ResourceKind> kinds)
    {
        var versions = Versions(kinds).Select(version => new JsonObject { ["groupVersion"] = $"{name}/{version}", ["version"] = version }).ToArray();
        return new() { ["name"] = name, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone() };
    }

    /// <summary>The versions of a group, best first.</summary>
    public static IEnumerable<string> Versions(IEnumerable<ResourceKind> kinds)
        => kinds.Select(kind => kind.Version).Distinct(StringComparer.Ordinal).OrderBy(version => version, VersionOrder.Best);

    private static IEnumerable<JsonObject> Resources(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = Words(kind.Verbs),
        };
        if (kind.ShortNames is not [])
        {
            resource["shortNames"] = Words(kind.ShortNames);
        }

        if (kind.Categories is not [])
        {
            resource["categories"] = Words(kind.Categories);
        }

        return kind.Subresources.Select(below => new JsonObject
        {
            ["name"] = $"{kind.Plural}/{below.Name}",
            ["singularName"] = "",
            ["namespaced"] = kind.Namespaced,
            ["group"] = below.Group,
            ["version"] = below.Version,
            ["kind"] = below.Kind,
            ["verbs"] = Words(below.Verbs),
        }).Prepend(resource);
    }

    public static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
