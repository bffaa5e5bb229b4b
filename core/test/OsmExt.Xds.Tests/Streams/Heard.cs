using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Xds.Tests.Streams;

/// <summary>A response as it came over the network, alike for both variants. Prints as <c>CDS a b -c</c>.</summary>
internal sealed record Heard(IMessage Message, string Type, string Nonce, IReadOnlyList<Any> Resources)
{
    /// <summary>Delta only.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>By name; in the state of the world all are the response's.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    public static Heard Of(DiscoveryResponse response) => new(response, Wire.Abbreviation(response.TypeUrl), response.Nonce, response.Resources)
    {
        Versions = response.Resources.ToDictionary(NameOf, _ => response.VersionInfo, StringComparer.Ordinal),
    };

    public static Heard Of(DeltaDiscoveryResponse response)
        => new(response, Wire.Abbreviation(response.TypeUrl), response.Nonce, [.. response.Resources.Select(static r => r.Resource_)])
        {
            Removed = response.RemovedResources,
            Versions = response.Resources.ToDictionary(static r => r.Name, static r => r.Version, StringComparer.Ordinal),
        };

    public override string ToString() => string.Join(' ', Resources.Select(NameOf).Prepend(Type).Concat(Removed.Select(static name => "-" + name)));

    private static string NameOf(Any resource) => resource.TypeUrl switch
    {
        TypeUrls.Cluster => resource.Unpack<Cluster>().Name,
        TypeUrls.Endpoint => resource.Unpack<ClusterLoadAssignment>().ClusterName,
        TypeUrls.Listener => resource.Unpack<Listener>().Name,
        TypeUrls.Route => resource.Unpack<RouteConfiguration>().Name,
        TypeUrls.VirtualHost => resource.Unpack<VirtualHost>().Name,
        _ => resource.Unpack<Secret>().Name,
    };
}
