using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>What the proxies that are connected have acknowledged, by the scope they are attached to.</summary>
internal sealed class ProxyHoldings
{
    /// <summary>The types that policy and plugins shape.</summary>
    public static IReadOnlyList<string> Types { get; } = [TypeUrls.Listener, TypeUrls.Route, TypeUrls.VirtualHost, TypeUrls.Cluster];

    /// <summary>Those of them that proxies have all of.</summary>
    public static IReadOnlyList<string> Whole { get; } = [TypeUrls.Listener, TypeUrls.Cluster];

    private readonly ILookup<ProxyScope?, Client> _byScope;

    private ProxyHoldings(ILookup<ProxyScope?, Client> byScope) => _byScope = byScope;

    public static ProxyHoldings Of(StreamRegistry streams, ConnectedProxies proxies)
        => new(streams.Open.GroupBy(stream => stream.Client, ReferenceEqualityComparer.Instance)
            .ToLookup(client => proxies.ScopeOf((ConnectedProxy)client.Key!), client => new Client([.. client])));

    /// <summary>One for each client.</summary>
    public IReadOnlyList<Client> At(ProxyScope scope) => [.. _byScope[scope]];

    /// <summary>What one client has acknowledged, looked up where it is known: a set of it would be as large as what is known, for each client.</summary>
    public readonly struct Client(XdsStream[] streams)
    {
        // Asked hundreds of thousands of times in a look at a fleet: no closures.
        public bool Has(XdsResource resource)
        {
            foreach (var stream in streams)
            {
                if (stream.HasAcknowledged(resource))
                {
                    return true;
                }
            }

            return false;
        }

        public bool HasAll(XdsResource[] resources)
        {
            foreach (var resource in resources)
            {
                if (!Has(resource))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
