using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Crds;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Cli.Plugins;

/// <summary>What the API server has to know for plugins' kinds.</summary>
internal static class PluginDefinitions
{
    /// <summary>The definitions of kinds that plugins bring.</summary>
    public static IEnumerable<JsonObject> Of(PluginSet set) => set.Kinds.Where(kind => !IsForeign(kind)).Select(Of);

    /// <summary>The kinds that plugins read and somebody else defines.</summary>
    public static IEnumerable<PluginKind> Foreign(PluginSet set) => set.Kinds.Where(IsForeign);

    /// <summary>What lets a service account read the kinds of all plugins, and write how far their objects have come.</summary>
    public static IEnumerable<JsonObject> Access(PluginSet set, string account)
    {
        const string Group = "rbac.authorization.k8s.io";
        foreach (var plugin in set.Plugins.Where(plugin => !plugin.Manifest.Resources.IsEmpty))
        {
            var name = $"{account.Split('/')[1]}-plugin-{plugin.Id}";
            var kinds = plugin.Manifest.Resources.Select(kind => (kind.Group, Plural: CustomKind.PluralOf(kind.Kind), IsOurs: !IsForeign(kind))).ToArray();
            var rules = kinds.GroupBy(kind => kind.Group, StringComparer.Ordinal).SelectMany(group => new[]
            {
                Rule(group.Key, group.Select(kind => kind.Plural), "list", "watch"),
                Rule(group.Key, group.Where(kind => kind.IsOurs).Select(kind => $"{kind.Plural}/status"), "patch"),
            });
            yield return new()
            {
                ["apiVersion"] = $"{Group}/v1",
                ["kind"] = "ClusterRole",
                ["metadata"] = new JsonObject { ["name"] = name },
                ["rules"] = new JsonArray([.. rules.Where(rule => rule["resources"]!.AsArray().Count > 0)]),
            };
            yield return new()
            {
                ["apiVersion"] = $"{Group}/v1",
                ["kind"] = "ClusterRoleBinding",
                ["metadata"] = new JsonObject { ["name"] = name },
                ["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = name },
                ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = account.Split('/')[0], ["name"] = account.Split('/')[1] }),
            };
        }
    }

    /// <summary>Versions that a cluster cannot have: the control plane converts objects of plugins' kinds that it reads, but not yet for the API server.</summary>
    public static IEnumerable<(PluginKind Kind, string Version)> LeftOut(PluginSet set)
        => set.Kinds.Where(kind => !IsForeign(kind)).SelectMany(kind => kind.Conversions.Select(other => (kind, other.Version)));

    private static JsonObject Of(PluginKind kind)
    {
        var known = PluginResourceView.KindOf(kind with { Versions = [.. kind.Versions.Except(kind.Conversions.Select(other => other.Version), StringComparer.Ordinal)], Conversions = [] });
        return CustomResourceDefinition.Of(
            CustomKinds.ForPlugin(known, kind.IsAimed, kind.Schema.Description), version => StructuralSchema.Of(known.Schema!(version)), CustomResourceDefinition.UsualNamespace);
    }

    // Such a schema names what is read of objects that somebody else describes.
    private static bool IsForeign(PluginKind kind) => kind.Schema.IgnoresUnknown;

    private static JsonObject Rule(string group, IEnumerable<string> resources, params string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray([.. resources.Select(resource => (JsonNode)resource)]),
        ["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]),
    };
}
