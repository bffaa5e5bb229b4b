using OsmExt.Compiler.Endpoints;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// Turns Kubernetes Services into mesh services, one per port; a headless Service also gets one per pod that has its own host
/// name, so that both the service's name and the pods' names can be dialled.
/// </summary>
internal sealed class ServiceModel(
    ResourceSnapshot snapshot, MonitoredNamespaces namespaces, WorkloadIndex workloads, EndpointTable endpoints, DiagnosticBag diagnostics)
{
    public IReadOnlyList<MeshService> All()
    {
        var services = namespaces.All<Service>(snapshot).Where(service => service.ExternalName.Length == 0).ToArray();
        ReportSharedAddresses(services);
        var result = services.SelectMany(Ports).OrderBy(service => service.Name).ThenBy(service => service.Port).ToArray();
        return TcpAddressClaims.Settle(result);
    }

    private IEnumerable<MeshService> Ports(Service service)
    {
        var taken = new HashSet<int>();
        for (var index = 0; index < service.Ports.Count; index++)
        {
            var port = service.Ports[index];
            if (ProtocolSelection.Of(service, port, index, diagnostics) is not { } protocol)
            {
                continue;
            }

            if (!taken.Add(port.Port))
            {
                diagnostics.Error(DiagnosticCodes.Conflict, service, $"spec.ports[{index}].port",
                    $"port {port.Port} is declared twice, so this declaration is ignored", "Declare each TCP port once");
                continue;
            }

            foreach (var found in Members(service, port, index, protocol))
            {
                yield return found;
            }
        }
    }

    private IEnumerable<MeshService> Members(Service service, ServicePort port, int index, AppProtocol protocol)
    {
        var name = new ServiceName(service.Metadata.Namespace, service.Metadata.Name);
        var behind = endpoints[name];
        var whole = new MeshService(name, port.Port, TargetPort(service, port, index, behind), protocol)
        {
            PortName = port.Name,
            Identities = workloads.Behind(service),
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
    private int TargetPort(Service service, ServicePort port, int index, ServiceEndpoints behind)
    {
        var served = behind.PortsFor(port.Name).ToArray();
        if (served.Length == 0)
        {
            served = port.TargetPort.Length == 0 ? [port.Port]
                : int.TryParse(port.TargetPort, out var number) ? [number]
                : [.. workloads.NamedPort(service, port.TargetPort)];
        }

        if (served.Length > 1)
        {
            diagnostics.Warning(DiagnosticCodes.Conflict, service, $"spec.ports[{index}].targetPort",
                $"target port \"{port.TargetPort}\" means different numbers in different pods ({string.Join(", ", served)}), so only {served[0]} is served",
                "Give the named container port one number in all pods of the service");
        }

        return served.FirstOrDefault();
    }

    private void ReportSharedAddresses(IEnumerable<Service> services)
    {
        foreach (var claim in services.SelectMany(service => service.ClusterAddresses.Select(address => (address, service)))
            .GroupBy(claim => claim.address, claim => claim.service, StringComparer.Ordinal)
            .Where(claim => claim.Count() > 1))
        {
            var owner = claim.First();
            foreach (var other in claim.Skip(1))
            {
                diagnostics.Error(DiagnosticCodes.Conflict, other, "spec.clusterIP",
                    $"{claim.Key} already belongs to {owner.Key}, which keeps it", "Give every Service its own cluster IP");
            }
        }
    }
}
