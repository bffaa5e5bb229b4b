using OsmExt.Compiler;
using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>What a plugin is given: its own objects, and those of the mesh that its manifest says it reads.</summary>
internal static class MeshObjects
{
    private static readonly SortedDictionary<string, Func<ResourceSnapshot, IEnumerable<Resource>>> Kinds = new(StringComparer.Ordinal)
    {
        ["EndpointSlice"] = snapshot => snapshot.All<EndpointSlice>(),
        ["HTTPRouteGroup"] = snapshot => snapshot.All<HttpRouteGroup>(),
        ["MeshConfig"] = snapshot => snapshot.All<MeshConfig>(),
        ["Namespace"] = snapshot => snapshot.All<Namespace>(),
        ["Pod"] = snapshot => snapshot.All<Pod>(),
        ["ReferenceGrant"] = snapshot => snapshot.All<ReferenceGrant>(),
        ["Retry"] = snapshot => snapshot.All<Retry>(),
        ["Service"] = snapshot => snapshot.All<Service>(),
        ["ServiceAccount"] = snapshot => snapshot.All<ServiceAccount>(),
        ["TCPRoute"] = snapshot => snapshot.All<TcpRoute>(),
        ["TrafficSplit"] = snapshot => snapshot.All<TrafficSplit>(),
        ["TrafficTarget"] = snapshot => snapshot.All<TrafficTarget>(),
        ["UpstreamTrafficSetting"] = snapshot => snapshot.All<UpstreamTrafficSetting>(),
    };

    /// <summary>The kinds of the mesh that plugins may read.</summary>
    public static IReadOnlyCollection<string> Readable => Kinds.Keys;

    /// <summary>What the plugin's code is called with.</summary>
    /// <param name="manifest">The plugin's.</param>
    /// <param name="mesh">The policy.</param>
    /// <param name="snapshot">Every object.</param>
    /// <param name="options">What the operator decides.</param>
    /// <param name="report">Takes what is wrong with objects of the mesh that the plugin is not given for that reason.</param>
    public static PluginInput InputOf(PluginManifest manifest, Mesh mesh, ResourceSnapshot snapshot, CompilerOptions options, Action<IEnumerable<Diagnostic>> report)
    {
        var groups = RouteGroups(manifest, snapshot, options, out var found);
        report(found);
        return new(mesh, options.OsmNamespace, Own(manifest, snapshot, options), CancellationToken.None)
        {
            Objects = [.. manifest.Reads.SelectMany(kind => Kinds[kind](snapshot)).OrderBy(resource => resource.Key)],
            RouteGroups = groups,
        };
    }

    /// <summary>The plugin's own objects that count.</summary>
    public static EquatableArray<PluginResource> Own(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options)
        => [.. Split(manifest, snapshot, options)[true].Where(new Grants(snapshot).Allow)];

    /// <summary>Says which of its objects do not count, so that a forgotten label or grant is found.</summary>
    public static IEnumerable<Diagnostic> NotCounted(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options)
        => Outsiders(manifest, snapshot, options).Concat(Split(manifest, snapshot, options)[true].Select(new Grants(snapshot).Finding).OfType<Diagnostic>());

    private static IEnumerable<Diagnostic> Outsiders(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options)
        => Split(manifest, snapshot, options)[false].Select(resource => new Diagnostic(
            DiagnosticCodes.IgnoredObject, Severity.Info, resource.Key, "metadata.namespace",
            $"Namespace {resource.Metadata.Namespace} is not part of mesh {options.MeshName}, so this object is ignored", $"Label the namespace {Labels.MonitoredBy}={options.MeshName}"));

    private static ILookup<bool, PluginResource> Split(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options)
    {
        var monitored = MonitoredNamespaces.Of(snapshot, options);
        return snapshot.All<PluginResource>().Select(resource => (Resource: resource, Kind: manifest.KindOf(resource))).Where(entry => entry.Kind is not null)
            .ToLookup(entry => entry.Kind!.IsAimed || monitored.Contains(entry.Resource)
                || string.Equals(entry.Resource.Metadata.Namespace, options.OsmNamespace, StringComparison.Ordinal), entry => entry.Resource);
    }

    private static EquatableArray<RouteGroup> RouteGroups(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options, out EquatableArray<Diagnostic> found)
    {
        if (!manifest.Reads.Contains("HTTPRouteGroup"))
        {
            found = [];
            return [];
        }

        var bag = new DiagnosticBag(snapshot);
        EquatableArray<RouteGroup> groups = [.. MonitoredNamespaces.Of(snapshot, options).All<HttpRouteGroup>(snapshot).Select(group => new RouteGroup(
            group.Key, [.. group.Matches.Select((match, index) => HttpMatches.Of(group, match, index, bag)).OfType<HttpRouteMatch>()]))];
        found = bag.Sorted();
        return groups;
    }
}
