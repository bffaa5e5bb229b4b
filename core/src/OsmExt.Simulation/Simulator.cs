using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Upstream;

namespace OsmExt.Simulation;

/// <summary>
/// Decides what becomes of a request: through the client's proxy, over the network, through the server's proxy, to the application.
/// Nothing is sent. What is not known makes the decision undecided.
/// </summary>
internal sealed class Simulator(ISimulatedNetwork network)
{
    public Decision Decide(SimulatedRequest request)
    {
        try
        {
            var connection = new Connection(request.Source, request.Destination, PayloadOf(request), request.Tls);
            var http = RequestOf(request);
            var outcomes = request.SourceProxy is { } proxy
                ? FromProxy(proxy, connection, http)
                : Arrive(connection, http, "", Trail.Start("client").Took("client", "without a proxy", $"dials {request.Destination}"), 1);
            return Decision.Of([.. outcomes]);
        }
        catch (UndecidedException unknown)
        {
            return new(Verdict.Undecided, null, unknown.Message) { Path = [new("simulator", "undecided", unknown.Element, unknown.Reason)] };
        }
    }

    private IEnumerable<Outcome> FromProxy(ProxyConfiguration proxy, Connection connection, HttpRequest? request)
    {
        foreach (var outcome in ProxyWalk.Walk(proxy, proxy.OutboundPort, connection, request, Trail.Start(proxy.Name)))
        {
            if (outcome.Reply is { } reply)
            {
                yield return End(outcome.Share, "", reply, outcome.Trail);
                continue;
            }

            var forward = outcome.Forward!;
            var endpoints = EndpointChoice.Choose(proxy, forward.Cluster, connection.Destination, network);
            var trail = outcome.Trail.Took("endpoints", forward.Cluster.Name, Describe(endpoints),
                proxy.OriginsOf<ClusterLoadAssignment>(forward.Cluster.Name));
            if (endpoints.Count == 0)
            {
                yield return End(outcome.Share, forward.Cluster.Name, Unavailable(forward, $"cluster {forward.Cluster.Name} has no endpoints"),
                    trail);
                continue;
            }

            var (hello, problem) = UpstreamHello.Of(proxy, forward.Cluster);
            if (problem is not null)
            {
                yield return End(outcome.Share, forward.Cluster.Name, Unavailable(forward, problem), trail);
                continue;
            }

            foreach (var (address, share) in endpoints)
            {
                var name = forward.Cluster.Type == Cluster.Types.DiscoveryType.OriginalDst ? "" : forward.Cluster.Name;
                // Through a plain-text cluster the client's own TLS, if any, travels on as it is.
                var next = connection with { Destination = address, Tls = hello ?? connection.Tls };
                foreach (var arrived in Arrive(next, forward.Request, name, trail, outcome.Share * share, IsNamed(forward.Cluster)))
                {
                    yield return forward.Routed && !arrived.Allowed
                        && arrived.Reply.Status is null ? arrived with { Reply = Unavailable(forward, arrived.Reply.Reason) } : arrived;
                }
            }
        }
    }

    private IEnumerable<Outcome> Arrive(Connection connection, HttpRequest? request, string backend, Trail trail, double share, bool isNamed = false)
    {
        var receivers = network.ReceiversOf(connection.Destination);
        if (receivers.Count == 0)
        {
            yield return End(share, backend, Reply.Closed($"nobody listens at {connection.Destination}"), trail);
        }

        foreach (var receiver in receivers)
        {
            var name = backend.Length > 0 ? backend : receiver.Backend;
            var part = share / receivers.Count;
            var towards = trail.Enters("network").Took("receiver", receiver.Name, receiver.Address.ToString());
            foreach (var outcome in receiver.Proxy is { } proxy
                ? Received(proxy, connection with { Destination = receiver.Address }, request, name, towards, part)
                : [Application(connection, request, name, towards, part, isNamed)])
            {
                yield return outcome;
            }
        }
    }

    private IEnumerable<Outcome> Received(ProxyConfiguration proxy, Connection connection, HttpRequest? request, string backend, Trail trail,
        double share)
    {
        foreach (var outcome in ProxyWalk.Walk(proxy, proxy.IsOpen(connection.Destination.Port) ? 0 : proxy.InboundPort, connection, request, trail))
        {
            var part = share * outcome.Share;
            if (outcome.Reply is { } reply)
            {
                yield return End(part, backend, reply, outcome.Trail);
                continue;
            }

            var cluster = outcome.Forward!.Cluster;
            var endpoints = EndpointChoice.Choose(proxy, cluster, connection.Destination, network);
            var taken = outcome.Trail.Took("endpoints", cluster.Name, Describe(endpoints));
            yield return endpoints.Count == 0
                ? End(part, backend, Unavailable(outcome.Forward, $"cluster {cluster.Name} has no endpoints"), taken)
                : Delivered(part, backend, request, taken);
        }
    }

    // Endpoints that are looked up by name are servers of somebody's, who is taken to speak what the cluster asks for.
    private static bool IsNamed(Cluster cluster) => cluster.Type is Cluster.Types.DiscoveryType.StrictDns or Cluster.Types.DiscoveryType.LogicalDns;

    // An application without a proxy is taken to speak plain text, unless the client itself began with TLS.
    private static Outcome Application(Connection connection, HttpRequest? request, string backend, Trail trail, double share, bool isNamed)
        => connection.Tls?.RefusesServer is not null && !isNamed
            ? End(share, backend, Reply.Closed($"the client's proxy opens mutual TLS, and {backend} has no proxy that speaks it"), trail)
            : Delivered(share, backend, request, trail);

    private static Outcome Delivered(double share, string backend, HttpRequest? request, Trail trail)
        => new(share, backend, true, new(request is null ? null : 200, $"it reaches {backend}"), trail.Took("application", backend).Steps);

    // A proxy that answers in place of an application is as good as one, unless its answer is a refusal or leads elsewhere.
    private static Outcome End(double share, string backend, Reply reply, Trail trail)
        => new(share, backend, reply.Status is >= 200 and < 300, reply, trail.Steps);

    private static Reply Unavailable(Forward forward, string reason)
        => forward.Routed ? Reply.Of(503, reason).To(forward.Request!) : Reply.Closed(reason);

    private static string Describe(IReadOnlyList<(IPEndPoint Address, double Share)> endpoints)
        => endpoints.Count <= 3 ? string.Join(", ", endpoints.Select(endpoint => endpoint.Address))
            : string.Create(CultureInfo.InvariantCulture, $"{endpoints.Count} endpoints");

    private static Payload PayloadOf(SimulatedRequest request) => request.Protocol switch
    {
        SimulatedProtocol.Http => Payload.Http1,
        SimulatedProtocol.Grpc => Payload.Http2,
        _ => Payload.Bytes,
    };

    private static HttpRequest? RequestOf(SimulatedRequest request)
    {
        if (request.Protocol == SimulatedProtocol.Tcp)
        {
            return null;
        }

        ImmutableArray<(string, string)> headers = [.. request.Headers.Select(header => (ByteText.Lower(header.Name), header.Value.Trim(' ', '\t')))];
        if (request.Protocol == SimulatedProtocol.Grpc && !headers.Any(header => header.Item1 == "content-type"))
        {
            headers = headers.Add(("content-type", "application/grpc"));
        }

        return new(request.Method, request.Authority, request.Path) { Headers = headers, Authorizer = request.Authorizer };
    }
}
