using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Endpoints;
using OsmExt.Sdk.Ir;
using EnvoyEndpoint = Envoy.Config.Endpoint.V3.Endpoint;

namespace OsmExt.Compiler.Translation;

/// <summary>Endpoint sets. A service without endpoints has an empty one: a cluster whose set never comes would stay warming.</summary>
internal static class LoadAssignments
{
    private const string Zone = "local";
    private const string MetadataKey = "osm";

    /// <param name="service">The service.</param>
    /// <param name="endpoints">Who serves it.</param>
    /// <param name="admits">Whether the client may be sent an endpoint; decides by the identity behind it.</param>
    /// <param name="labelled">Whether endpoints say which workload they are, for the client's request metrics.</param>
    public static ClusterLoadAssignment Of(MeshService service, EndpointTable endpoints, Func<MeshEndpoint, bool> admits, bool labelled)
    {
        var local = new LocalityLbEndpoints { Locality = new() { Zone = Zone } };
        foreach (var pod in Pods(endpoints[service.Name].For(service.PortName).Where(endpoint => Belongs(endpoint, service) && admits(endpoint))))
        {
            var entry = new LbEndpoint { Endpoint = new() { Address = Protos.Address(pod[0].Address, pod[0].Port) } };
            entry.Endpoint.AdditionalAddresses.AddRange(pod.Skip(1)
                .Select(endpoint => new EnvoyEndpoint.Types.AdditionalAddress { Address = Protos.Address(endpoint.Address, endpoint.Port) }));
            if (labelled)
            {
                entry.Metadata = Describe(pod[0], service);
            }

            local.LbEndpoints.Add(entry);
        }

        return new() { ClusterName = service.Cluster, Endpoints = { local } };
    }

    // A cluster is named after one target port, and a pod accepts a service at that port only.
    private static bool Belongs(MeshEndpoint endpoint, MeshService service)
        => endpoint.Port == service.TargetPort
            && (service.Name.Subdomain.Length == 0 || string.Equals(endpoint.Hostname, service.Name.Subdomain, StringComparison.Ordinal));

    // The two addresses of a dual-stack pod are one place to send to, tried in turn; as two, the pod would get a double share.
    private static IEnumerable<MeshEndpoint[]> Pods(IEnumerable<MeshEndpoint> endpoints)
        => endpoints
            .GroupBy(endpoint => endpoint.Pod.Length == 0 || endpoint.Identity is null ? (endpoint.Address, null) : (endpoint.Pod, endpoint.Identity))
            .SelectMany(group => group.Count() == 2 && group.Count(endpoint => endpoint.Address.Contains(':', StringComparison.Ordinal)) == 1
                ? [[.. group.OrderBy(endpoint => endpoint.Address.Contains(':', StringComparison.Ordinal))]]
                : group.Select(endpoint => new[] { endpoint }))
            .OrderBy(pod => pod[0]);

    private static Metadata Describe(MeshEndpoint endpoint, MeshService service)
    {
        var labels = new Struct
        {
            Fields =
            {
                ["kind"] = Value.ForString(endpoint.Workload.Kind),
                ["name"] = Value.ForString(endpoint.Workload.Name),
                ["namespace"] = Value.ForString(service.Name.Namespace),
                ["pod"] = Value.ForString(endpoint.Pod),
            },
        };
        return new() { FilterMetadata = { [MetadataKey] = labels } };
    }
}
