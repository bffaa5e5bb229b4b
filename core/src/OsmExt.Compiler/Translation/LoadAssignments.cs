using System.Runtime.CompilerServices;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Endpoints;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using EnvoyEndpoint = Envoy.Config.Endpoint.V3.Endpoint;

namespace OsmExt.Compiler.Translation;

/// <summary>Endpoint sets. A service without endpoints has an empty one: a cluster whose set never comes would stay warming.</summary>
internal static class LoadAssignments
{
    private const string Zone = "local";
    private const string MetadataKey = "osm";

    // Clients that may be sent all of a service's endpoints are sent the same. It goes when the service does.
    private static readonly ConditionalWeakTable<MeshService, Complete> Shared = [];

    /// <summary>The endpoint set of a service as the view's proxies may see it.</summary>
    public static XdsResource Of(ScopeView view, MeshService service, EndpointTable table)
    {
        var endpoints = table[service.Name];
        var labelled = view.Contributions.Read(MeshMetadata.EndpointWorkload);
        return endpoints.Ready.All(Admits)
            ? Shared.GetOrCreateValue(service).Get(service, endpoints, labelled)
            : Resource(service, endpoints.For(service.PortName).Where(Admits), labelled);

        bool Admits(MeshEndpoint endpoint) => view.MayReach(endpoint.Identity) && view.Scope.Reaches(endpoint.Address);
    }

    private static XdsResource Resource(MeshService service, IEnumerable<MeshEndpoint> endpoints, bool labelled)
        => XdsResource.Create(Assignment(service, endpoints, labelled), service.Cluster, Origins.Of(service));

    private static ClusterLoadAssignment Assignment(MeshService service, IEnumerable<MeshEndpoint> endpoints, bool labelled)
    {
        var local = new LocalityLbEndpoints { Locality = new() { Zone = Zone } };
        foreach (var pod in Pods([.. endpoints.Where(endpoint => Belongs(endpoint, service))]))
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
    private static IEnumerable<MeshEndpoint[]> Pods(MeshEndpoint[] endpoints)
        => Array.TrueForAll(endpoints, endpoint => !endpoint.Address.Contains(':', StringComparison.Ordinal))
            ? endpoints.Order().Select(endpoint => new[] { endpoint })
            : endpoints
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

    // The latest, with and without labels. Two threads may make one twice; it is the same.
    private sealed class Complete
    {
        private Tuple<ServiceEndpoints, XdsResource>? _plain;
        private Tuple<ServiceEndpoints, XdsResource>? _labelled;

        public XdsResource Get(MeshService service, ServiceEndpoints endpoints, bool labelled)
        {
            ref var latest = ref labelled ? ref _labelled : ref _plain;
            var found = latest;
            if (!ReferenceEquals(found?.Item1, endpoints))
            {
                latest = found = new(endpoints, Resource(service, endpoints.For(service.PortName), labelled));
            }

            return found.Item2;
        }
    }
}
