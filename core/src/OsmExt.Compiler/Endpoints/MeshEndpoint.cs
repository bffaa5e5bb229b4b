using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Endpoints;

/// <summary>Names a Kubernetes Service.</summary>
internal readonly record struct ServiceKey(string Namespace, string Name) : IComparable<ServiceKey>
{
    public static ServiceKey Of(ServiceName service) => new(service.Namespace, service.Name);

    public int CompareTo(ServiceKey other)
    {
        var order = string.CompareOrdinal(Namespace, other.Namespace);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }
}

/// <summary>A ready address behind a service port.</summary>
/// <param name="Address">IPv4 or IPv6.</param>
/// <param name="PortName">The service port it serves; empty for a single unnamed one.</param>
/// <param name="Port">The pod's port.</param>
internal sealed record MeshEndpoint(string Address, string PortName, int Port) : IComparable<MeshEndpoint>
{
    public string Hostname { get; init; } = "";

    public string Zone { get; init; } = "";

    /// <summary>Who answers there; null when no pod of the mesh has the address, or several with different identities.</summary>
    public WorkloadIdentity? Identity { get; init; }

    /// <summary>The pod there, for telemetry; empty when unknown.</summary>
    public string Pod { get; init; } = "";

    public WorkloadReference Workload { get; init; } = WorkloadReference.Unknown;

    public int CompareTo(MeshEndpoint? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = string.CompareOrdinal(Address, other.Address);
        order = order != 0 ? order : Port.CompareTo(other.Port);
        return order != 0 ? order : string.CompareOrdinal(PortName, other.PortName);
    }
}

/// <summary>What all slices of one service say together.</summary>
/// <param name="Ready">The ready addresses, sorted, each address and port once.</param>
/// <param name="Ports">The ports named by any slice, whether addresses are ready or not, sorted.</param>
internal sealed record ServiceEndpoints(EquatableArray<MeshEndpoint> Ready, EquatableArray<DeclaredPort> Ports)
{
    public static ServiceEndpoints None { get; } = new([], []);

    /// <summary>The pod ports behind a service port, smallest first: by name, or the only one there is.</summary>
    public IEnumerable<int> PortsFor(string portName)
    {
        var named = Ports.Where(port => Serves(port.Name, portName)).Select(port => port.Port).Distinct().Order().ToArray();
        return named.Length > 0 || Ports.Select(port => port.Name).Distinct(StringComparer.Ordinal).Count() != 1
            ? named
            : Ports.Select(port => port.Port).Distinct().Order();
    }

    /// <summary>The ready addresses behind a service port.</summary>
    public IEnumerable<MeshEndpoint> For(string portName)
    {
        var single = Ports.Select(port => port.Name).Distinct(StringComparer.Ordinal).Count() == 1;
        return Ready.Where(endpoint => single || Serves(endpoint.PortName, portName));
    }

    private static bool Serves(string endpointPort, string servicePort) => string.Equals(endpointPort, servicePort, StringComparison.Ordinal);
}

/// <summary>A port a slice declares.</summary>
internal readonly record struct DeclaredPort(string Name, int Port);
