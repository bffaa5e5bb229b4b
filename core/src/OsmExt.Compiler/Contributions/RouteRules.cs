using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf.Reflection;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Contributions;

/// <summary>What a plugin's route may say: which requests, where they go in the mesh, what is changed about them. All else is the mesh's.</summary>
internal static class RouteRules
{
    /// <summary>The cluster that stands for wherever all requests to the service go.</summary>
    public const string Service = "mesh:service";

    private static readonly AllowedFields Allowed = new(new Dictionary<MessageDescriptor, string>
    {
        [VirtualHost.Descriptor] = "routes",
        [Route.Descriptor] = "match route redirect direct_response typed_per_filter_config request_headers_to_add request_headers_to_remove response_headers_to_add response_headers_to_remove",
        [RouteMatch.Descriptor] = "prefix path safe_regex path_separated_prefix case_sensitive runtime_fraction headers query_parameters grpc",
        [RouteAction.Descriptor] = "cluster weighted_clusters cluster_not_found_response_code prefix_rewrite host_rewrite_literal append_x_forwarded_host timeout idle_timeout retry_policy "
            + "request_mirror_policies hash_policy max_stream_duration priority",
        [WeightedCluster.Descriptor] = "clusters",
        [WeightedCluster.Types.ClusterWeight.Descriptor] = "name weight request_headers_to_add request_headers_to_remove response_headers_to_add response_headers_to_remove host_rewrite_literal",
        [RouteAction.Types.RequestMirrorPolicy.Descriptor] = "cluster runtime_fraction",
        // Anything else would be read from the proxy's own files.
        [DataSource.Descriptor] = "inline_string inline_bytes",
    });

    /// <summary>The first thing that routes must not say, and what to do; null where there is none.</summary>
    /// <param name="host">What the plugin wrote: routes, and nothing else.</param>
    /// <param name="plugin">Its id.</param>
    public static (string Field, string Problem, string Advice)? Problem(VirtualHost host, string plugin)
    {
        if (host.Routes.Count == 0)
        {
            return ("routes", "There are no routes", "Write routes, or nothing at all");
        }

        if (Allowed.Other(host) is { } field)
        {
            return (field, $"{field} is not for a plugin's route to say", "Leave it out; a route has a match, then route, redirect or direct_response, and changes of headers");
        }

        for (var index = 0; index < host.Routes.Count; index++)
        {
            var (route, at) = (host.Routes[index], $"routes[{index}]");
            if (Destinations(route).FirstOrDefault(name => !IsOwn(name, plugin) && RouteDestination.Parse(name) is null) is { } unknown)
            {
                return ($"{at}.route", $"\"{unknown}\" is no service of the mesh", $"Write NAMESPACE/SERVICE|PORT, {Service} as the only cluster, or a cluster of the plugin's own, {plugin}|...");
            }

            if (Headers(route).FirstOrDefault(name => name.StartsWith(':') || name.Equals("host", StringComparison.OrdinalIgnoreCase)) is { } header)
            {
                return (at, $"The header \"{header}\" is the request itself", "Use prefix_rewrite or host_rewrite_literal");
            }
        }

        return null;
    }

    /// <summary>The clusters that a route names, those it mirrors to among them; but for <see cref="Service"/>.</summary>
    public static IEnumerable<string> Destinations(Route route)
    {
        var names = new List<string>();
        Redirect(route, name =>
        {
            names.Add(name);
            return name;
        });
        return names;
    }

    /// <summary>Whether a cluster is one that the plugin brings.</summary>
    public static bool IsOwn(string cluster, string plugin) => cluster.StartsWith($"{plugin}|", StringComparison.Ordinal);

    /// <summary>Puts other clusters into the places of those that a route names.</summary>
    public static void Redirect(Route route, Func<string, string> instead)
    {
        if (route.Route_ is not { } action)
        {
            return;
        }

        if (action.ClusterSpecifierCase == RouteAction.ClusterSpecifierOneofCase.Cluster && action.Cluster != Service)
        {
            action.Cluster = instead(action.Cluster);
        }

        foreach (var entry in action.WeightedClusters?.Clusters ?? [])
        {
            entry.Name = instead(entry.Name);
        }

        foreach (var mirror in action.RequestMirrorPolicies)
        {
            mirror.Cluster = instead(mirror.Cluster);
        }
    }

    private static IEnumerable<string> Headers(Route route)
        => (route.Route_?.WeightedClusters?.Clusters ?? []).SelectMany(entry => entry.RequestHeadersToAdd.Select(option => option.Header.Key).Concat(entry.RequestHeadersToRemove))
            .Concat(route.RequestHeadersToAdd.Select(option => option.Header.Key)).Concat(route.RequestHeadersToRemove);
}

/// <summary>A service of the mesh that requests are sent to, as routes of plugins name it: by the port that clients dial.</summary>
internal sealed record RouteDestination(ServiceName Service, int Port)
{
    /// <summary>Reads <c>NAMESPACE/SERVICE|PORT</c>; null for anything else.</summary>
    public static RouteDestination? Parse(string written)
        => written.Split('/', '|') is [{ Length: > 0 } ns, { Length: > 0 } name, var port] && written == $"{ns}/{name}|{port}" && int.TryParse(port, out var number) && number is > 0 and <= 65535
            ? new(new(ns, name), number) : null;

    public override string ToString() => $"{Service}|{Port}";
}
