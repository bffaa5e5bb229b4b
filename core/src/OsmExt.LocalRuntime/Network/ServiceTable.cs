using System.Net;
using OsmExt.Interception;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// Services with their ready endpoints: what names and virtual addresses are made from. Sorted, so equal input gives equal text.
/// What is no name, address or port is left out; reporting it is up to who read it.
/// </summary>
/// <param name="Services">By namespace and name.</param>
internal sealed record ServiceTable(EquatableArray<ServiceEntry> Services)
{
    public static ServiceTable Empty { get; } = new(EquatableArray<ServiceEntry>.Empty);

    /// <summary>One service of each address family with two endpoints: rules for it use everything rules ever use.</summary>
    public static ServiceTable Sample { get; } = new([SampleService("192.0.2.1", "192.0.2.2"), SampleService("2001:db8::1", "2001:db8::2")]);

    public static ServiceTable From(IEnumerable<Service> services, IEnumerable<EndpointSlice> endpoints)
    {
        var slices = endpoints.ToLookup(slice => (slice.Metadata.Namespace, slice.ServiceName));
        return new(services
            .Where(service => service.ExternalName.Length == 0 && NetworkNames.IsDns(service.Metadata.Name) && NetworkNames.IsDns(service.Metadata.Namespace))
            .OrderBy(service => service.Key)
            .Select(service => Entry(service, Current(slices[(service.Metadata.Namespace, service.Metadata.Name)])))
            .ToEquatableArray());
    }

    // A legacy Endpoints object counts only where nobody wrote an EndpointSlice.
    private static EndpointSubset[] Current(IEnumerable<EndpointSlice> slices)
    {
        var all = slices.ToArray();
        var modern = all.Where(slice => !slice.IsLegacy).ToArray();
        return [.. (modern.Length > 0 ? modern : all).OrderBy(slice => slice.Key).SelectMany(slice => slice.Subsets)];
    }

    private static ServiceEntry Entry(Service service, EndpointSubset[] subsets) => new(
        service.Metadata.Namespace,
        service.Metadata.Name,
        service.ClusterAddresses.Select(StrictAddress.Parse).OfType<IPAddress>().ToEquatableArray(),
        service.Ports
            .Where(port => IsPort(port.Port))
            .OrderBy(port => port.Port)
            .ThenBy(port => port.Transport, StringComparer.Ordinal)
            .Select(port => Port(port, subsets))
            .ToEquatableArray(),
        subsets.SelectMany(Ready).DistinctBy(member => (member.Address, member.Hostname)).OrderBy(Text, StringComparer.Ordinal).ToEquatableArray());

    private static ServicePortEntry Port(ServicePort port, EndpointSubset[] subsets) => new(
        port.Transport.ToLowerInvariant(),
        port.Port,
        (from subset in subsets
         from target in subset.Ports
         where IsPort(target.Port) && string.Equals(target.Name, port.Name, StringComparison.Ordinal)
             && string.Equals(target.Transport, port.Transport, StringComparison.OrdinalIgnoreCase)
         from member in Ready(subset)
         orderby Text(member)
         select new IPEndPoint(member.Address, target.Port)).Distinct().ToEquatableArray());

    private static IEnumerable<ServiceMember> Ready(EndpointSubset subset)
        => from endpoint in subset.Endpoints
           where endpoint.Ready
           let address = StrictAddress.Parse(endpoint.Address)
           where address is not null
           select new ServiceMember(address, NetworkNames.IsDns(endpoint.Hostname) ? endpoint.Hostname : "");

    private static ServiceEntry SampleService(string first, string second) => new(
        "sample", "sample", [IPAddress.Parse(first)],
        [new("tcp", 80, [new(IPAddress.Parse(first), 8080), new(IPAddress.Parse(second), 8080)])], []);

    private static bool IsPort(int number) => number is > 0 and <= ushort.MaxValue;

    private static string Text(ServiceMember member) => member.Address.ToString();
}

/// <summary>One service.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="VirtualAddresses">Empty when it is headless.</param>
/// <param name="Ports">Its ports with who serves them.</param>
/// <param name="Members">Its ready endpoints, whatever the port.</param>
internal sealed record ServiceEntry(
    string Namespace, string Name, EquatableArray<IPAddress> VirtualAddresses, EquatableArray<ServicePortEntry> Ports, EquatableArray<ServiceMember> Members);

/// <summary>A service port.</summary>
/// <param name="Transport"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Port">What clients dial.</param>
/// <param name="Backends">Who answers.</param>
internal sealed record ServicePortEntry(string Transport, int Port, EquatableArray<IPEndPoint> Backends);

/// <summary>A ready endpoint.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Hostname">Its own name in a headless service; may be empty.</param>
internal sealed record ServiceMember(IPAddress Address, string Hostname);
