using System.Net.Sockets;
using k8s.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>EndpointSlices.</summary>
internal static class EndpointSliceView
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    public static FieldSet Reads { get; } = FieldSet.Of(
        "addressType", "ports.name", "ports.port", "ports.protocol",
        "endpoints.addresses", "endpoints.conditions.ready", "endpoints.hostname", "endpoints.zone",
        "endpoints.targetRef.kind", "endpoints.targetRef.name", "endpoints.targetRef.namespace");

    public static Resource From(V1EndpointSlice model, ResourceMetadata metadata, FieldReport report)
    {
        report.Has("addressType", model.AddressType, "Set it to IPv4 or IPv6");
        var type = report.OneOf("addressType", model.AddressType, "IPv4", "IPv4", "IPv6", "FQDN");
        if (type == "FQDN")
        {
            report.LeftOut("addressType", "Endpoints that are host names are left out", "Use a slice of IPv4 or IPv6 addresses");
        }

        return new EndpointSlice(metadata)
        {
            ServiceName = metadata.Labels[ServiceNameLabel] ?? "",
            Subsets = [new(Ports(model, report), type == "FQDN" ? [] : Endpoints(model, metadata, FamilyOf(type), report))],
        };
    }

    private static AddressFamily FamilyOf(string type) => type == "IPv6" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    private static EquatableArray<EndpointPort> Ports(V1EndpointSlice model, FieldReport report)
    {
        var ports = new List<EndpointPort>();
        for (var i = 0; i < (model.Ports?.Count ?? 0); i++)
        {
            var (port, path) = (model.Ports![i], $"ports[{i}]");
            var transport = report.OneOf($"{path}.protocol", port.Protocol, "TCP", FieldChecks.Transports);
            if (port.Port is null)
            {
                report.LeftOut($"{path}.port", "A port without a number (it means all ports) is left out", "Give the number");
            }
            else if (report.Port($"{path}.port", port.Port) is { } number)
            {
                ports.Add(new(port.Name ?? "", number, transport));
            }
        }

        return ports.ToEquatableArray();
    }

    private static EquatableArray<Endpoint> Endpoints(V1EndpointSlice model, ResourceMetadata metadata, AddressFamily family, FieldReport report)
    {
        var endpoints = new List<Endpoint>();
        for (var i = 0; i < (model.Endpoints?.Count ?? 0); i++)
        {
            var (endpoint, path) = (model.Endpoints![i], $"endpoints[{i}]");
            var pod = PodName(endpoint.TargetRef, metadata.Namespace, $"{path}.targetRef", report);
            for (var j = 0; j < (endpoint.Addresses?.Count ?? 0); j++)
            {
                if (report.Address($"{path}.addresses[{j}]", endpoint.Addresses![j], family) is { } address)
                {
                    endpoints.Add(new(address)
                    {
                        Ready = endpoint.Conditions?.Ready ?? true,
                        Hostname = report.DnsLabel($"{path}.hostname", endpoint.Hostname),
                        Zone = endpoint.Zone ?? "",
                        Pod = pod,
                    });
                }
            }
        }

        return endpoints.ToEquatableArray();
    }

    /// <summary>
    /// The pod an address belongs to. A reference into another namespace is not followed: an object must not borrow the identity
    /// of a workload its writer has no say over.
    /// </summary>
    public static string PodName(V1ObjectReference? target, string ns, string path, FieldReport report)
    {
        if (target is not { Kind: "Pod", Name.Length: > 0 })
        {
            return "";
        }

        if (!string.IsNullOrEmpty(target.NamespaceProperty) && !string.Equals(target.NamespaceProperty, ns, StringComparison.Ordinal))
        {
            report.LeftOut($"{path}.namespace", "A pod in another namespace cannot stand behind this service; the reference is left out",
                $"Refer to a pod in {ns}");
            return "";
        }

        return target.Name;
    }
}
