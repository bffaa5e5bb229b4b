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
    /// <param name="report">Takes what is wrong with objects that the plugin is not given for that reason.</param>
    public static PluginInput InputOf(PluginManifest manifest, Mesh mesh, ResourceSnapshot snapshot, CompilerOptions options, Action<IEnumerable<Diagnostic>> report)
    {
        var groups = RouteGroups(manifest, snapshot, options, out var found);
        report(found);
        var (own, notCounted) = Sift(manifest, snapshot, options);
        report(notCounted);
        return new(mesh, options.OsmNamespace, own, CancellationToken.None)
        {
            Objects = [.. manifest.Reads.SelectMany(kind => Kinds[kind](snapshot)).OrderBy(resource => resource.Key)],
            RouteGroups = groups,
        };
    }

    /// <summary>The plugin's own objects that count.</summary>
    public static EquatableArray<PluginResource> Own(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options)
        => Sift(manifest, snapshot, options).Own;

    // Also says which of its objects do not count, so that a forgotten label or grant is found.
    private static (EquatableArray<PluginResource> Own, IReadOnlyList<Diagnostic> NotCounted) Sift(PluginManifest manifest, ResourceSnapshot snapshot, CompilerOptions options)
    {
        var (monitored, grants) = (MonitoredNamespaces.Of(snapshot, options), new Grants(snapshot));
        var (own, findings) = (new List<PluginResource>(), new List<Diagnostic>());
        foreach (var resource in snapshot.All<PluginResource>())
        {
            if (manifest.KindOf(resource) is not { } kind)
            {
                continue;
            }

            if (!kind.IsAimed && !monitored.Contains(resource) && !string.Equals(resource.Metadata.Namespace, options.OsmNamespace, StringComparison.Ordinal))
            {
                findings.Add(new(DiagnosticCodes.IgnoredObject, Severity.Info, resource.Key, "metadata.namespace",
                    $"Namespace {resource.Metadata.Namespace} is not part of mesh {options.MeshName}, so this object is ignored", $"Label the namespace {Labels.MonitoredBy}={options.MeshName}"));
            }
            else if (grants.Finding(resource) is { } lacking)
            {
                findings.Add(lacking);
            }
            else
            {
                own.Add(resource);
            }
        }

        return (own.ToEquatableArray(), findings);
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
