using System.Collections.Frozen;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>A resource or a part of one, and the objects it was made from.</summary>
/// <param name="Depth">0 for a resource, 1 for a filter chain or virtual host of it, 2 for a route of that.</param>
/// <param name="Kind">What it is, in a word.</param>
/// <param name="Name">Its name; for a route what it matches.</param>
/// <param name="Objects">The objects, as <see cref="ResourceKey"/> prints them.</param>
internal sealed record PartOrigin(int Depth, string Kind, string Name, IReadOnlyList<string> Objects);

/// <summary>
/// Reads the objects behind every part of a configuration back: the Service or service account from the part's name, the policies
/// from its metadata.
/// </summary>
internal sealed class PartOrigins
{
    private readonly FrozenDictionary<string, string> _byName;

    public PartOrigins(Mesh mesh, IEnumerable<WorkloadIdentity> workloads)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in mesh.Services)
        {
            var key = new ResourceKey(nameof(Service), service.Name.Namespace, service.Name.Name).ToString();
            string[] parts =
            [
                service.Cluster, service.LocalCluster, Names.OutboundChain(service), Names.InboundChain(service),
                Names.OutboundVirtualHost(service.Name), Names.InboundVirtualHost(service.Name),
                Names.OutboundTrust(service.Name), Names.InboundTrust(service),
            ];
            foreach (var part in parts)
            {
                names[part] = key;
            }
        }

        foreach (var identity in workloads)
        {
            names[Names.ServiceCertificate(identity)] = names[Names.InboundTrust(identity)]
                = new ResourceKey(nameof(ServiceAccount), identity.Namespace, identity.ServiceAccount).ToString();
        }

        _byName = names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>A resource and its parts, top down.</summary>
    public IEnumerable<PartOrigin> Of(XdsResource resource)
    {
        PartOrigin[] parts = resource.Message switch
        {
            Listener listener => [.. listener.FilterChains.Append(listener.DefaultFilterChain).OfType<FilterChain>()
                .Select(chain => new PartOrigin(1, "chain", chain.Name, Objects(chain.Name, Provenance.Read(chain.Metadata))))],
            RouteConfiguration routes => [.. routes.VirtualHosts.SelectMany(Of)],
            _ => [],
        };
        var own = Objects(resource.Name, resource.Message is Cluster cluster ? Provenance.Read(cluster.Metadata) : []);
        // What a resource with parts was made from its parts say; what neither they nor its name tell, its maker said.
        string[] known = [.. own.Concat(parts.SelectMany(part => part.Objects)).Distinct(StringComparer.Ordinal)];
        IReadOnlyList<string> objects = known.Length > 0 ? known : resource.Origins;
        return parts.Prepend(new(0, KindOf(resource.TypeUrl), resource.Name, objects));
    }

    private static string KindOf(string typeUrl) => typeUrl switch
    {
        TypeUrls.Listener => "listener",
        TypeUrls.Route => "routes",
        TypeUrls.Cluster => "cluster",
        TypeUrls.Endpoint => "endpoints",
        _ => "secret",
    };

    private IEnumerable<PartOrigin> Of(VirtualHost host)
        => host.Routes
            .Select(route => new PartOrigin(2, "route", Describe(route.Match), Objects("", Provenance.Read(route.Metadata))))
            .Where(route => route.Objects.Count > 0)
            .Prepend(new(1, "host", host.Name, Objects(host.Name, Provenance.Read(host.Metadata))));

    private List<string> Objects(string name, IEnumerable<string> policies)
        => [.. _byName.TryGetValue(name, out var owner) ? policies.Prepend(owner) : policies];

    private static string Describe(RouteMatch match)
        => string.Join(' ', match.Headers
            .Select(header => $"{header.Name}={header.StringMatch?.Exact ?? ""}{header.StringMatch?.SafeRegex?.Regex ?? ""}")
            .Prepend(match.SafeRegex?.Regex ?? match.Path));
}
