using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// A TCP service is recognised by the address dialled, so an address and port can belong to one service only; Envoy refuses a
/// second listener on it. A pod's own name beats its headless service's, which shares the pods' addresses.
/// </summary>
internal static class TcpAddressClaims
{
    /// <summary>The services that lose an address to another, by namespace, each with those it keeps.</summary>
    /// <param name="services">The services of all namespaces, in order.</param>
    public static Dictionary<string, EquatableArray<AddressLoss>> Losses(IEnumerable<MeshService[]> services)
    {
        var claiming = services.SelectMany(static all => all.Index()).Where(static entry => !entry.Item.Protocol.IsHttp()).ToArray();
        var owners = new Dictionary<(string Address, int Port), MeshService>();
        foreach (var (_, service) in claiming.OrderBy(entry => entry.Item.Name.Subdomain.Length == 0))
        {
            foreach (var address in service.Addresses)
            {
                owners.TryAdd((address, service.Port), service);
            }
        }

        return claiming.Where(entry => !entry.Item.Addresses.All(address => IsOf(entry.Item, address)))
            .GroupBy(entry => entry.Item.Name.Namespace, entry => new AddressLoss(entry.Index, [.. entry.Item.Addresses.Where(address => IsOf(entry.Item, address))]), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToEquatableArray(), StringComparer.Ordinal);

        bool IsOf(MeshService service, string address) => ReferenceEquals(owners[(address, service.Port)], service);
    }

    /// <summary>The services of a namespace, in the same order; whoever loses an address no longer lists it.</summary>
    public static MeshService[] Settle(MeshService[] services, EquatableArray<AddressLoss> losses)
    {
        if (losses.IsEmpty)
        {
            return services;
        }

        MeshService[] settled = [.. services];
        foreach (var loss in losses)
        {
            settled[loss.Index] = settled[loss.Index] with { Addresses = loss.Kept };
        }

        return settled;
    }
}

/// <summary>A service that loses an address.</summary>
/// <param name="Index">Its place in its namespace.</param>
/// <param name="Kept">The addresses it keeps.</param>
internal sealed record AddressLoss(int Index, EquatableArray<string> Kept);
