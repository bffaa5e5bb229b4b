using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// A TCP service is recognised by the address dialled, so an address and port can belong to one service only; Envoy refuses a
/// second listener on it. A pod's own name beats its headless service's, which shares the pods' addresses.
/// </summary>
internal static class TcpAddressClaims
{
    /// <summary>The same services, in the same order; whoever loses an address no longer lists it.</summary>
    public static IReadOnlyList<MeshService> Settle(IReadOnlyList<MeshService> services)
    {
        var owners = new Dictionary<(string Address, int Port), MeshService>();
        foreach (var service in services.Where(service => !service.Protocol.IsHttp()).OrderBy(service => service.Name.Subdomain.Length == 0))
        {
            foreach (var address in service.Addresses)
            {
                owners.TryAdd((address, service.Port), service);
            }
        }

        return [.. services.Select(service => service.Protocol.IsHttp() || Owns(service)
            ? service
            : service with { Addresses = [.. service.Addresses.Where(address => Owner(address, service) == service)] })];

        MeshService Owner(string address, MeshService service) => owners[(address, service.Port)];
        bool Owns(MeshService service) => service.Addresses.All(address => Owner(address, service) == service);
    }
}
