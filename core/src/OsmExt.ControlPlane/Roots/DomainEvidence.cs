using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Envoy.Config.Cluster.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Identity.Roots;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// What is known of each stream's proxy that matters for a change of the trust domain: in which domains it accepts identities in
/// listeners, routes and secrets, and when it opened its connections, from its clusters. Envoy acknowledges clusters only when
/// none is warming any more, so an acknowledged mark is in force.
/// </summary>
internal sealed class DomainEvidence(StreamRegistry streams, PrincipalDomains principals)
{
    // Replicas share their clusters, so each is read once, and forgotten with the cluster.
    private static readonly ConditionalWeakTable<XdsResource, StrongBox<int?>> Marks = [];

    private static readonly string[] NamingTypes = [TypeUrls.Listener, TypeUrls.Route, TypeUrls.Secret];

    /// <summary>Completes what is known from the secrets alone.</summary>
    public IEnumerable<ProxyEvidence> Complete(IEnumerable<(ConnectedClient Client, ProxyEvidence Known)> proxies)
    {
        var naming = NamingTypes.Select(ByClient).ToArray();
        var clusters = ByClient(TypeUrls.Cluster);
        foreach (var (client, known) in proxies)
        {
            // A stream may have ended since; then nothing is known.
            yield return naming.All(type => IsKnown(type, client)) && IsKnown(clusters, client)
                ? known with { Accepts = Accepts(naming.Select(type => type[client])), ConnectionsAfter = ConnectionsAfter(clusters[client]) }
                : known;
        }
    }

    private Dictionary<ConnectedClient, XdsHoldings> ByClient(string typeUrl)
    {
        var result = new Dictionary<ConnectedClient, XdsHoldings>(ReferenceEqualityComparer.Instance);
        foreach (var holdings in streams.Holdings(typeUrl))
        {
            result[holdings.Client] = holdings;
        }

        return result;
    }

    private static bool IsKnown(Dictionary<ConnectedClient, XdsHoldings> type, ConnectedClient client)
        => type.TryGetValue(client, out var holdings) && RootEvidence.IsKnown(holdings);

    private ImmutableHashSet<string>? Accepts(IEnumerable<XdsHoldings> types)
        => RootEvidence.InAll(types.SelectMany(RootEvidence.Versions).Select(principals.Of));

    private static ImmutableHashSet<int> ConnectionsAfter(XdsHoldings clusters)
        => [.. RootEvidence.Versions(clusters).Select(version => Marks.GetValue(version, static cluster => new(ConnectionMark.Read((Cluster)cluster.Message))).Value).OfType<int>()];
}
