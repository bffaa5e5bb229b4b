using System.Net;
using Envoy.Config.Route.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// What belongs to services of the mesh and plugins ask for, whether the scope may call these services or not: a plugin opens ways out of
/// the mesh, and none into it.
/// </summary>
/// <param name="Addresses">Addresses that chains of plugins would take.</param>
/// <param name="Hosts">Host names, by port, that hosts of plugins would take.</param>
internal sealed record MeshGuard(EquatableArray<MeshAddress> Addresses, EquatableArray<MeshHost> Hosts)
{
    public static MeshGuard None { get; } = new([], []);

    public static MeshGuard Of(ScopeContributions contributions, ProxyScope scope, Mesh mesh)
        => contributions.All.IsEmpty ? None : new(AddressesOf(contributions, mesh), HostsOf(contributions, scope, mesh));

    private static EquatableArray<MeshAddress> AddressesOf(ScopeContributions contributions, Mesh mesh)
    {
        var taken = OutboundChains.On(contributions).GroupBy(item => item.Target.Port!.Value)
            .ToDictionary(group => group.Key, group => group.SelectMany(item => OutboundChains.Ranges(OutboundChains.Chain(item))).Distinct().ToArray());
        return taken.Count == 0 ? [] :
        [
            .. mesh.Services.Where(service => taken.ContainsKey(service.Port))
                .SelectMany(service => service.Addresses.Where(address => IPAddress.TryParse(address, out _)).Select(address => new MeshAddress(service.Port, address)))
                .Where(address => taken[address.Port].Any(range => range.Contains(address.Range))).Distinct()
                .OrderBy(address => address.Port).ThenBy(address => address.Address, StringComparer.Ordinal),
        ];
    }

    private static EquatableArray<MeshHost> HostsOf(ScopeContributions contributions, ProxyScope scope, Mesh mesh)
    {
        var wanted = ContributedHosts.On(contributions).SelectMany(item => ((VirtualHost)item.Message).Domains.Select(domain => new MeshHost(item.Target.Port!.Value, domain)))
            .Where(host => host.Domain != "*").Distinct().ToLookup(host => host.Port);
        return wanted.Count == 0 ? [] :
        [
            .. mesh.Services.Where(service => wanted.Contains(service.Port))
                .SelectMany(service => HostNames.Of(service.Name, service.Port, string.Equals(service.Name.Namespace, scope.Identity.Namespace, StringComparison.Ordinal))
                    .SelectMany(name => wanted[service.Port].Where(host => Means(host.Domain, name)))).Distinct()
                .OrderBy(host => host.Port).ThenBy(host => host.Domain, StringComparer.Ordinal),
        ];
    }

    private static bool Means(string domain, string name) => domain switch
    {
        ['*', .. var end] => name.EndsWith(end, StringComparison.OrdinalIgnoreCase),
        [.. var beginning, '*'] => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase),
        _ => string.Equals(domain, name, StringComparison.OrdinalIgnoreCase),
    };
}

/// <summary>An address and port of a service of the mesh.</summary>
internal sealed record MeshAddress(int Port, string Address)
{
    public AddressRange Range => AddressRange.Of(IPAddress.Parse(Address));
}

/// <summary>A host name, maybe with a star, that means a service of the mesh on a port.</summary>
internal sealed record MeshHost(int Port, string Domain);
