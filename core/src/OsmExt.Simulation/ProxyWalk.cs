using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Filters.Network.TcpProxy.V3;
using Envoy.Extensions.TransportSockets.RawBuffer.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Rbac;
using OsmExt.Simulation.Tls;
using OsmExt.Simulation.Upstream;
using NetworkRateLimit = Envoy.Extensions.Filters.Network.LocalRatelimit.V3.LocalRateLimit;
using NetworkRateLimitService = Envoy.Extensions.Filters.Network.Ratelimit.V3.RateLimit;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace OsmExt.Simulation;

/// <summary>A connection's way through one proxy: listener, filter chain, handshake, network filters, and what they decide.</summary>
internal static class ProxyWalk
{
    /// <param name="proxy">Whose configuration.</param>
    /// <param name="redirectedTo">The port interception sent the connection to; 0 when it is dialled directly.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="request">The request in it; null for a mere connection.</param>
    /// <param name="trail">What came before.</param>
    public static IReadOnlyList<ProxyOutcome> Walk(ProxyConfiguration proxy, int redirectedTo, Connection connection, HttpRequest? request,
        Trail trail)
    {
        trail = trail.Enters(proxy.Name);
        var reached = redirectedTo == 0 ? connection.Destination : new(connection.Destination.Address, redirectedTo);
        if (ListenerChoice.Bound(proxy, reached) is not { } entry)
        {
            return [trail.Took("listener", "none").Ends(Reply.Closed($"{proxy.Name} has no listener at port {reached.Port}"))];
        }

        Understood.Check(entry, $"listener {entry.Name}");
        trail = trail.Took("listener", entry.Name, "", proxy.OriginsOf<Listener>(entry.Name));
        var facts = new ConnectionFacts(connection, reached).Inspect(entry);
        var listener = ListenerChoice.HandOff(proxy, entry, connection.Destination);
        if (!ReferenceEquals(listener, entry))
        {
            Understood.Check(listener, $"listener {listener.Name}");
            trail = trail.Took("listener", listener.Name, $"by original destination {connection.Destination}",
                proxy.OriginsOf<Listener>(listener.Name));
            facts = facts.Inspect(listener);
        }

        return FilterChainChoice.Choose(listener, facts) is not { } chain
            ? [trail.Took("filter chain", "none").Ends(Reply.Closed($"no filter chain of listener {listener.Name} matches {Describe(facts)}"))]
            : Chain(proxy, listener, chain, facts, request, trail);
    }

    private static IReadOnlyList<ProxyOutcome> Chain(ProxyConfiguration proxy, Listener listener, FilterChain chain, ConnectionFacts facts,
        HttpRequest? request, Trail trail)
    {
        var name = FilterChainChoice.NameOf(listener, chain);
        var by = Contributed.By(chain.Metadata);
        trail = trail.Took("filter chain", name, by.Words, by.Objects);
        if (Handshake(proxy, chain, facts, name, ref trail, out var tls) is { } failed)
        {
            return [trail.Ends(failed)];
        }

        var peer = tls ? facts.Connection.Tls?.Certificate : null;
        foreach (var filter in chain.Filters)
        {
            switch (Packed.Open(filter.TypedConfig, $"network filter {filter.Name}"))
            {
                case NetworkRbac rbac:
                    if (Judge(rbac, new(facts, peer, tls, null, proxy.Release), filter.Name, ref trail) is { } refused)
                    {
                        return [trail.Ends(refused)];
                    }

                    break;
                case NetworkRateLimit or NetworkRateLimitService:
                    trail = trail.Took("network filter", filter.Name, "passes unless its limit is exceeded");
                    break;
                case HttpConnectionManager http:
                    trail = trail.Took("network filter", filter.Name, http.StatPrefix);
                    return request is null || (facts.Connection.Tls is not null && !tls)
                        ? [trail.Ends(Reply.Closed($"filter chain {name} takes HTTP only"))]
                        : [.. new HttpWalk(proxy, http, facts, peer, tls).Walk(request, trail)];
                case TcpProxy tcp:
                    return [.. Connect(proxy, tcp, filter.Name, request, trail)];
                case var other:
                    throw Packed.NotKnown(other, $"network filter {filter.Name}");
            }
        }

        return [trail.Ends(Reply.Closed($"filter chain {name} leads nowhere"))];
    }

    private static Reply? Handshake(ProxyConfiguration proxy, FilterChain chain, ConnectionFacts facts, string name, ref Trail trail, out bool tls)
    {
        tls = false;
        switch (chain.TransportSocket?.TypedConfig is { } any ? Packed.Open(any, $"transport socket of {name}") : null)
        {
            case null or RawBuffer:
                return null;
            case DownstreamTlsContext context:
                tls = true;
                return Accept(proxy, Understood.Check(context, $"transport socket of {name}"), facts.Connection.Tls, name, ref trail);
            case var other:
                throw Packed.NotKnown(other, $"transport socket of {name}");
        }
    }

    private static Reply? Accept(ProxyConfiguration proxy, DownstreamTlsContext context, ClientHello? hello, string name, ref Trail trail)
    {
        var common = Understood.Check(context.CommonTlsContext, $"transport socket of {name}");
        if (hello is null)
        {
            return Reply.Closed($"filter chain {name} takes TLS only, and the client speaks plain text");
        }

        if (!PeerValidation.HasCertificate(proxy, common))
        {
            return Reply.Closed($"{proxy.Name} has no certificate for filter chain {name}");
        }

        if (!TlsVersions.Overlap(hello.Versions, TlsVersions.Server(common)))
        {
            return Reply.Closed($"client and filter chain {name} share no TLS version");
        }

        if (proxy.Certificate is { } own && hello.RefusesServer?.Invoke(own) is { } distrust)
        {
            return Reply.Closed(distrust);
        }

        var trust = PeerValidation.Find(proxy, common);
        trail = trail.Took("validation context", trust.Name.Length > 0 ? trust.Name : name, hello.Certificate is { } shown
            ? $"client is {shown}" : "client shows no certificate");
        if (hello.Certificate is not { } certificate)
        {
            return context.RequireClientCertificate is true ? Reply.Closed($"filter chain {name} requires a client certificate") : null;
        }

        return PeerValidation.Refuses(proxy, common, certificate, $"filter chain {name}") is { } refusal
            ? Reply.Closed($"{proxy.Name}: {refusal}") : null;
    }

    private static Reply? Judge(NetworkRbac rbac, AccessContext context, string name, ref Trail trail)
    {
        if (Understood.Check(rbac, $"RBAC filter {name}").Rules is not { } rules)
        {
            trail = trail.Took("RBAC filter", name, "has no rules");
            return null;
        }

        var decision = RbacDecision.Of(rules, context, $"RBAC filter {name}");
        trail = trail.Took("RBAC filter", name, decision.Allowed ? "allowed" : "denied, when the client sends its first byte");
        if (decision.Policy.Length > 0)
        {
            trail = trail.Took("RBAC policy", decision.Policy, decision.Allowed ? "allows" : "denies");
        }

        return decision.Allowed ? null
            : Reply.Closed(decision.Policy.Length > 0 ? $"RBAC policy {decision.Policy} of {name} denies it" : $"no RBAC policy of {name} allows it");
    }

    private static IEnumerable<ProxyOutcome> Connect(ProxyConfiguration proxy, TcpProxy tcp, string name, HttpRequest? request, Trail trail)
    {
        var weighted = TcpClusterChoice.Choose(tcp, $"network filter {name}");
        trail = trail.Took("network filter", name, tcp.StatPrefix);
        var total = weighted.Sum(entry => entry.Weight);
        foreach (var (cluster, weight) in weighted)
        {
            var taken = trail.Took("cluster", cluster, weight < total ? $"takes {weight} of {total}" : "", proxy.OriginsOf<Cluster>(cluster));
            yield return proxy.Cluster(cluster) is { } found
                ? new(weight / total, taken, null, new(found, request, false))
                : new(weight / total, taken, Reply.Closed($"cluster {cluster} does not exist"), null);
        }
    }

    private static string Describe(ConnectionFacts facts)
    {
        var offer = string.Join(", ", facts.ApplicationProtocols);
        var transport = facts.TransportProtocol == "tls" ? $"TLS for \"{ByteText.Show(facts.ServerName)}\" offering [{offer}]" : "plain text";
        return $"port {facts.Local.Port}, {transport}";
    }
}
