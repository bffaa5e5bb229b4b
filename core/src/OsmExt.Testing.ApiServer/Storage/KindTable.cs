using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Storage;

/// <summary>Every kind that is served at one moment: Kubernetes' own, and those CustomResourceDefinitions have made.</summary>
internal sealed class KindTable
{
    public static readonly GroupResource Definitions = new("apiextensions.k8s.io", "customresourcedefinitions");

    private readonly ImmutableDictionary<(string Group, string Version, string Resource), ResourceKind> _byAddress;
    private readonly ImmutableDictionary<(string Group, string Version, string Kind), ResourceKind> _byKind;

    public KindTable(IEnumerable<JsonObject> definitions)
    {
        var all = BuiltInKinds.All.AddRange(definitions.SelectMany(CustomKinds.Of));
        All = [.. all.DistinctBy(kind => (kind.Group, kind.Version, kind.Plural))];
        _byAddress = All.ToImmutableDictionary(kind => (kind.Group, kind.Version, kind.Plural));
        _byKind = All.DistinctBy(kind => (kind.Group, kind.Version, kind.Kind)).ToImmutableDictionary(kind => (kind.Group, kind.Version, kind.Kind));
    }

    public ImmutableArray<ResourceKind> All { get; }

    public ResourceKind? At(string group, string version, string resource) => _byAddress.GetValueOrDefault((group, version, resource));

    /// <summary>The kind an object says it is.</summary>
    public ResourceKind? Named(string apiVersion, string kind)
        => apiVersion.Split('/') is [var group, var version] ? _byKind.GetValueOrDefault((group, version, kind)) : _byKind.GetValueOrDefault(("", apiVersion, kind));

    /// <summary>The best version of what is stored under a name.</summary>
    public ResourceKind? Best(GroupResource resource) => All.FirstOrDefault(kind => kind.GroupResource == resource);
}
