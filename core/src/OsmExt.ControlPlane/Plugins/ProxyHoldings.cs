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

    private readonly Dictionary<ProxyScope, IReadOnlyList<IReadOnlySet<XdsResource>>> _byScope;

    private ProxyHoldings(Dictionary<ProxyScope, IReadOnlyList<IReadOnlySet<XdsResource>>> byScope) => _byScope = byScope;

    public static ProxyHoldings Of(StreamRegistry streams, ConnectedProxies proxies)
    {
        var byClient = Types.SelectMany(streams.Holdings).GroupBy(holdings => holdings.Client, ReferenceEqualityComparer.Instance);
        var byScope = new Dictionary<ProxyScope, IReadOnlyList<IReadOnlySet<XdsResource>>>();
        foreach (var scope in byClient.GroupBy(client => proxies.ScopeOf((ConnectedProxy)client.Key!)))
        {
            if (scope.Key is not null)
            {
                byScope[scope.Key] = [.. scope.Select(client => client.SelectMany(held => held.Resources.Select(resource => resource.Acknowledged)).OfType<XdsResource>().ToHashSet())];
            }
        }

        return new(byScope);
    }

    /// <summary>One set for each stream.</summary>
    public IReadOnlyList<IReadOnlySet<XdsResource>> At(ProxyScope scope) => _byScope.GetValueOrDefault(scope, []);
}
