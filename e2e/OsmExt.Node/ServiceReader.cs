using System.Net;
using k8s.Models;
using OsmExt.LocalRuntime.Network;

namespace OsmExt.Node;

/// <summary>Services of the API as the node's network wants them.</summary>
internal static class ServiceReader
{
    /// <summary>Where pods expect the API server, in every cluster.</summary>
    public const string ApiAddress = "10.96.0.1";

    /// <param name="services">The services; that of the API server is made up, whether it is there or not.</param>
    /// <param name="slices">Their endpoints.</param>
    /// <param name="api">Where the API server is, as pods can reach it.</param>
    public static ServiceTable Read(IEnumerable<V1Service> services, IEnumerable<V1EndpointSlice> slices, IPEndPoint api)
    {
        var bySlice = slices.ToLookup(slice => (slice.Metadata.NamespaceProperty, slice.Metadata.Labels?.TryGetValue("kubernetes.io/service-name", out var name) == true ? name : ""));
        var kubernetes = new ServiceEntry("default", "kubernetes", [IPAddress.Parse(ApiAddress)], [new("tcp", 443, [api])], []);
        return new([kubernetes, .. services
            .Where(service => service.Spec.Type != "ExternalName" && service.Metadata is not { NamespaceProperty: "default", Name: "kubernetes" })
            .OrderBy(service => $"{service.Metadata.NamespaceProperty}/{service.Metadata.Name}", StringComparer.Ordinal)
            .Select(service => Entry(service, [.. bySlice[(service.Metadata.NamespaceProperty, service.Metadata.Name)].OrderBy(slice => slice.Metadata.Name, StringComparer.Ordinal)]))]);
    }

    private static ServiceEntry Entry(V1Service service, V1EndpointSlice[] slices) => new(
        service.Metadata.NamespaceProperty, service.Metadata.Name,
        [.. (service.Spec.ClusterIPs ?? [service.Spec.ClusterIP]).Where(address => IPAddress.TryParse(address, out _)).Select(IPAddress.Parse)],
        [.. service.Spec.Ports.Select(port => new ServicePortEntry(
            (port.Protocol ?? "TCP").ToLowerInvariant(), port.Port,
            [.. from slice in slices
                from target in slice.Ports ?? []
                where (target.Name ?? "") == (port.Name ?? "") && target.Port is not null
                from address in Ready(slice)
                select new IPEndPoint(address, target.Port!.Value)]))],
        [.. slices.SelectMany(Ready).Distinct().Select(address => new ServiceMember(address, ""))]);

    private static IEnumerable<IPAddress> Ready(V1EndpointSlice slice)
        => slice.Endpoints.Where(endpoint => endpoint.Conditions?.Ready != false).SelectMany(endpoint => endpoint.Addresses).Select(IPAddress.Parse);
}
