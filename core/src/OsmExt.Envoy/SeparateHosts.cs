using System.Collections.Immutable;
using Envoy.Config.Route.V3;

namespace OsmExt.Envoy;

/// <summary>Virtual hosts that are resources of their own (VHDS), beside the route configuration they belong to.</summary>
internal static class SeparateHosts
{
    /// <summary>The name of a host that is a resource, which says where it belongs.</summary>
    public static string NameOf(string routes, string host) => $"{routes}/{host}";

    /// <summary>The route configuration a host of that name belongs to; empty for a name without one.</summary>
    public static string RoutesOf(string name) => name[..Math.Max(0, name.LastIndexOf('/'))];

    /// <summary>
    /// The same configuration with every host inside its route configuration, under the name it has there: for whoever reads route
    /// configurations. It answers every request alike.
    /// </summary>
    public static ImmutableArray<XdsResource> Merge(ImmutableArray<XdsResource> resources)
    {
        var hosts = resources.Where(resource => resource.Message is VirtualHost).ToLookup(resource => RoutesOf(resource.Name), StringComparer.Ordinal);
        return [.. resources.Where(resource => resource.Message is not VirtualHost).Select(resource => resource.Message is RouteConfiguration { Vhds: not null } routes
            ? Whole(routes, resource.Origins, [.. hosts[resource.Name].OrderBy(host => host.Name, StringComparer.Ordinal)])
            : resource)];
    }

    private static XdsResource Whole(RouteConfiguration routes, ImmutableArray<string> origins, XdsResource[] hosts)
    {
        var whole = routes.Clone();
        whole.Vhds = null;
        whole.VirtualHosts.Clear();
        whole.VirtualHosts.AddRange(hosts.Select(Plain).Concat(routes.VirtualHosts));
        return XdsResource.Create(whole, routes.Name, hosts.Length == 0 ? origins : [.. hosts.SelectMany(host => host.Origins).Distinct(StringComparer.Ordinal)]);
    }

    private static VirtualHost Plain(XdsResource resource)
    {
        var host = ((VirtualHost)resource.Message).Clone();
        host.Name = resource.Name[(resource.Name.LastIndexOf('/') + 1)..];
        return host;
    }
}
