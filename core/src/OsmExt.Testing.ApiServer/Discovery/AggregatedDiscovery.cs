using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Discovery;

/// <summary>Discovery in one document for <c>/api</c> and one for <c>/apis</c>.</summary>
internal static class AggregatedDiscovery
{
    /// <summary>The version of the document a client accepts before a plain one; null for none.</summary>
    public static string? Asked(string accept)
    {
        foreach (var media in accept.Split(',', StringSplitOptions.TrimEntries))
        {
            if (media.StartsWith("application/json", StringComparison.Ordinal))
            {
                return !media.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) ? null
                    : media.Contains("v=v2beta1", StringComparison.Ordinal) ? "v2beta1"
                    : media.Contains("v=v2", StringComparison.Ordinal) ? "v2" : null;
            }
        }

        return null;
    }

    public static string ContentType(string version) => $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";

    public static JsonObject Of(KindTable kinds, bool core, string version) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. kinds.All.Where(kind => kind.Group.Length == 0 == core).GroupBy(kind => kind.Group, StringComparer.Ordinal).Select(Group)]),
    };

    private static JsonObject Group(IGrouping<string, ResourceKind> group) => new()
    {
        ["metadata"] = group.Key.Length == 0 ? new JsonObject { ["creationTimestamp"] = null } : new JsonObject { ["name"] = group.Key, ["creationTimestamp"] = null },
        ["versions"] = new JsonArray([.. DiscoveryDocuments.Versions(group).Select(version => new JsonObject
        {
            ["version"] = version,
            ["freshness"] = "Current",
            ["resources"] = new JsonArray([.. group.Where(kind => kind.Version == version).Select(Resource)]),
        })]),
    };

    private static JsonObject Resource(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = Kind(kind.Group, kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = DiscoveryDocuments.Words(kind.Verbs),
        };
        if (kind.ShortNames is not [])
        {
            resource["shortNames"] = DiscoveryDocuments.Words(kind.ShortNames);
        }

        if (kind.Categories is not [])
        {
            resource["categories"] = DiscoveryDocuments.Words(kind.Categories);
        }

        if (kind.Subresources is not [])
        {
            resource["subresources"] = new JsonArray([.. kind.Subresources.Select(below => new JsonObject
            {
                ["subresource"] = below.Name,
                ["responseKind"] = Kind(below.Group, below.Version, below.Kind),
                ["verbs"] = DiscoveryDocuments.Words(below.Verbs),
            })]);
        }

        return resource;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
