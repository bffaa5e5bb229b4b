using System.Runtime.CompilerServices;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using Metadata = Envoy.Config.Core.V3.Metadata;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>The policy objects that a resource's metadata names. Proxies share resources, so each is looked into once.</summary>
internal static class NamedObjects
{
    private static readonly ConditionalWeakTable<XdsResource, string[]> Known = [];

    /// <summary>How the MeshConfig is called where it is not told apart by namespace.</summary>
    public const string MeshConfig = nameof(Sdk.Resources.MeshConfig);

    // Most resources name no object, and need not be taken apart to see that.
    public static IReadOnlyList<string> In(XdsResource resource) => resource.Value.Span.IndexOf(Provenance.FieldBytes) < 0 ? []
        : Known.GetValue(resource, static resource => [.. MetadataOf(resource).SelectMany(Provenance.Read).Distinct(StringComparer.Ordinal)]);

    private static IEnumerable<Metadata?> MetadataOf(XdsResource resource) => resource.Message switch
    {
        Cluster cluster => [cluster.Metadata],
        Listener listener => listener.FilterChains.Append(listener.DefaultFilterChain).Select(chain => chain?.Metadata).Prepend(listener.Metadata),
        RouteConfiguration routes => routes.VirtualHosts.SelectMany(Of),
        VirtualHost host => Of(host),
        _ => [],
    };

    private static IEnumerable<Metadata?> Of(VirtualHost host) => host.Routes.Select(route => route.Metadata).Prepend(host.Metadata);
}
