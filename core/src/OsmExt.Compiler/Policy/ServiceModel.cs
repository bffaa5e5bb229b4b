using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Turns a Kubernetes Service into mesh services, one per port; a headless Service also gets one per pod that has its own host
/// name, so that both the service's name and the pods' names can be dialled.
/// </summary>
/// <param name="service">The Service.</param>
/// <param name="behind">Its endpoints; of them only target ports and a headless service's addresses count.</param>
/// <param name="selected">The shapes of its pods.</param>
internal sealed class ServiceModel(Service service, ServiceEndpoints behind, EquatableArray<WorkloadIndex.Shape> selected)
{
    private readonly DiagnosticBag _diagnostics = new();
    private readonly EquatableArray<WorkloadIdentity> _identities = [.. selected.Select(shape => shape.Identity).Distinct().Order()];

    /// <summary>All services of a namespace.</summary>
    public static NamespaceServices Of(NamespaceServices.Input input, NamespaceServices? before)
    {
        var made = new ObjectMemo<Service, NamespaceServices.Behind, NamespaceServices.OfOne>(before?.Made);
        var (services, findings, claims) = (new List<MeshService>(before?.All.Length ?? 0), new List<Diagnostic>(), new List<Service>());
        foreach (var (_, resource) in input.Services)
        {
            var service = (Service)resource;
            if (service.ExternalName.Length > 0)
            {
                continue;
            }

            var behind = input.Endpoints.GetValueOrDefault(new(service.Metadata.Namespace, service.Metadata.Name), ServiceEndpoints.None);
            var one = made.Get(service, new(behind, input.Workloads.Selected(service)), static (of, from) => new ServiceModel(of, from.Endpoints, from.Selected).Made());
            services.AddRange(one.Ports.AsSpan());
            findings.AddRange(one.Findings.AsSpan());
            claims.Add(service);
        }

        return new(Interned.Services([.. services], before?.All), Interned.List([.. claims], before?.Claims), [.. findings], made.Done());
    }

    private NamespaceServices.OfOne Made()
    {
        EquatableArray<MeshService> ports = [.. Ports().OrderBy(found => found.Name).ThenBy(found => found.Port)];
        return new(ports, _diagnostics.Sorted());
    }

    private IEnumerable<MeshService> Ports()
    {
        var taken = new HashSet<int>();
        for (var index = 0; index < service.Ports.Count; index++)
        {
            var port = service.Ports[index];
            if (ProtocolSelection.Of(service, port, index, _diagnostics) is not { } protocol)
            {
                continue;
            }

            if (!taken.Add(port.Port))
            {
                _diagnostics.Error(DiagnosticCodes.Conflict, service, $"spec.ports[{index}].port",
                    $"port {port.Port} is declared twice, so this declaration is ignored", "Declare each TCP port once");
                continue;
            }

            foreach (var found in Members(port, index, protocol))
            {
                yield return found;
            }
        }
    }

    private IEnumerable<MeshService> Members(ServicePort port, int index, AppProtocol protocol)
    {
        var name = new ServiceName(service.Metadata.Namespace, service.Metadata.Name);
        var whole = new MeshService(name, port.Port, TargetPort(port, index), protocol)
        {
            PortName = port.Name,
            Identities = _identities,
            Addresses = service.ClusterAddresses,
        };
        if (!service.ClusterAddresses.IsEmpty)
        {
            yield return whole;
            yield break;
        }

        var ready = behind.For(port.Name).ToArray();
        yield return whole with { Addresses = [.. ready.Select(endpoint => endpoint.Address).Distinct(StringComparer.Ordinal)] };
        foreach (var member in ready.Where(endpoint => endpoint.Hostname.Length > 0).GroupBy(endpoint => endpoint.Hostname, StringComparer.Ordinal))
        {
            yield return whole with
            {
                Name = name with { Subdomain = member.Key },
                Addresses = [.. member.Select(endpoint => endpoint.Address).Distinct(StringComparer.Ordinal)],
            };
        }
    }

    // The endpoints know best. Without any, the Service itself says it, so that a workload scaled to nothing keeps its names.
    private int TargetPort(ServicePort port, int index)
    {
        var served = behind.PortsFor(port.Name).ToArray();
        if (served.Length == 0)
        {
            served = port.TargetPort.Length == 0 ? [port.Port]
                : int.TryParse(port.TargetPort, out var number) ? [number]
                : [.. NamedPort(port.TargetPort)];
        }

        if (served.Length > 1)
        {
            _diagnostics.Warning(DiagnosticCodes.Conflict, service, $"spec.ports[{index}].targetPort",
                $"target port \"{port.TargetPort}\" means different numbers in different pods ({string.Join(", ", served)}), so only {served[0]} is served",
                "Give the named container port one number in all pods of the service");
        }

        return served.FirstOrDefault();
    }

    // Numbers that a named container port has in the pods, smallest first.
    private IEnumerable<int> NamedPort(string name)
        => selected.SelectMany(shape => shape.Ports).Where(port => string.Equals(port.Name, name, StringComparison.Ordinal)).Select(port => port.Port).Distinct().Order();
}
