using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.V3;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using EnvoyCluster = Envoy.Config.Cluster.V3.Cluster;
using HeaderMatch = Envoy.Config.Route.V3.HeaderMatcher;
using HealthCheck = Envoy.Config.Core.V3.HealthCheck;
using ProbeFilter = Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheck;
using UpstreamHttp = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Where the node asks after a pod's containers. An HTTP probe is led to the application. Whether a TCP port can be connected to, or a gRPC service
/// says that it serves, Envoy finds out by itself and answers from what it found last: a proxy that took the connection itself would always say yes.
/// In the bootstrap, since pods are probed before there is any other configuration.
/// </summary>
internal static class ProbeListeners
{
    private static readonly (string Name, int Port, string[] Kinds)[] Ports = [("liveness", 15901, ["liveness"]), ("readiness", 15902, ["readiness"]), ("startup", 15903, ["startup", "poststart", "prestop"])];

    /// <param name="bootstrap">Is added to.</param>
    /// <param name="probes">What the node was to ask.</param>
    /// <param name="ipv6">Whether there may be IPv6 addresses.</param>
    public static void AddTo(Bootstrap bootstrap, IReadOnlyList<ProbeTarget> probes, bool ipv6)
    {
        foreach (var (name, port, kinds) in Ports)
        {
            ProbeTarget[] own = [.. probes.Where(probe => kinds.Contains(probe.Kind))];
            if (own.Length > 0)
            {
                bootstrap.StaticResources.Listeners.Add(Listener(name, port, own, ipv6));
                bootstrap.StaticResources.Clusters.AddRange(own.Select(Cluster));
            }
        }
    }

    private static Listener Listener(string name, int port, ProbeTarget[] probes, bool ipv6)
    {
        var host = new VirtualHost { Name = "local_service", Domains = { "*" } };
        host.Routes.AddRange(probes.Where(probe => probe.IsHttp).Select(Route));
        var connection = new Connection
        {
            CodecType = Connection.Types.CodecType.Auto,
            StatPrefix = "health_probes_http",
            RouteConfig = new() { Name = "local_route", VirtualHosts = { host } },
            SchemeHeaderTransformation = new() { MatchUpstream = true },
        };
        connection.HttpFilters.AddRange(probes.Where(probe => !probe.IsHttp).Select(Answer));
        connection.HttpFilters.Add(HttpConnections.Router());
        var listener = new Listener
        {
            Name = $"{name}_listener",
            Address = Protos.Address("0.0.0.0", port),
            TrafficDirection = TrafficDirection.Inbound,
            FilterChains = { new FilterChain { Filters = { HttpConnections.Filter(connection) } } },
        };
        if (ipv6)
        {
            listener.AdditionalAddresses.Add(new AdditionalAddress { Address = Protos.Address("::", port) });
        }

        return listener;
    }

    // The exact path: app and app2 are two containers.
    private static Route Route(ProbeTarget probe) => new()
    {
        Match = new() { Path = probe.AskedAt },
        Route_ = new() { Cluster = probe.ClusterName, PrefixRewrite = probe.Path, Timeout = Protos.Seconds(probe.TimeoutSeconds) },
    };

    private static HttpFilter Answer(ProbeTarget probe) => new()
    {
        Name = $"{Names.HealthCheck}.{probe.Container}",
        TypedConfig = Protos.Pack(new ProbeFilter
        {
            PassThroughMode = false,
            Headers = { new HeaderMatch { Name = ":path", StringMatch = new() { Exact = probe.AskedAt } } },
            ClusterMinHealthyPercentages = { [probe.ClusterName] = new Percent { Value = 100 } },
        }),
    };

    private static Cluster Cluster(ProbeTarget probe)
    {
        var cluster = new Cluster
        {
            Name = probe.ClusterName,
            Type = EnvoyCluster.Types.DiscoveryType.Static,
            ConnectTimeout = Protos.Seconds(Math.Max(1, probe.TimeoutSeconds)),
            LoadAssignment = new()
            {
                ClusterName = probe.ClusterName,
                Endpoints = { new LocalityLbEndpoints { LbEndpoints = { new LbEndpoint { Endpoint = new() { Address = Protos.Address("127.0.0.1", probe.Port) } } } } },
            },
        };
        switch (probe.Protocol)
        {
            case "https":
                // The kubelet does not look at the certificate either.
                cluster.TransportSocket = new() { Name = "envoy.transport_sockets.tls", TypedConfig = Protos.Pack(new UpstreamTlsContext()) };
                break;
            case "tcp":
                cluster.HealthChecks.Add(Check(probe, check => check.TcpHealthCheck = new()));
                break;
            case "grpc":
                cluster.TypedExtensionProtocolOptions.Add(UpstreamHttp.Descriptor.FullName, Protos.Pack(new UpstreamHttp { ExplicitHttpConfig = new() { Http2ProtocolOptions = new() } }));
                cluster.HealthChecks.Add(Check(probe, check => check.GrpcHealthCheck = new() { ServiceName = probe.Service ?? "" }));
                break;
        }

        return cluster;
    }

    // Twice for each question of the node's, so that no answer is older than the question before.
    private static HealthCheck Check(ProbeTarget probe, Action<HealthCheck> kind)
    {
        var interval = Protos.Time(TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds / 2.0)));
        var check = new HealthCheck
        {
            Timeout = Protos.Seconds(probe.TimeoutSeconds),
            Interval = interval,
            NoTrafficInterval = interval,
            UnhealthyThreshold = 1u,
            HealthyThreshold = 1u,
        };
        kind(check);
        return check;
    }
}

/// <summary>What the node was to ask of a container.</summary>
/// <param name="Container">The container's name.</param>
/// <param name="Kind"><c>liveness</c>, <c>readiness</c>, <c>startup</c>, <c>poststart</c> or <c>prestop</c>.</param>
/// <param name="Protocol"><c>http</c>, <c>https</c>, <c>tcp</c> or <c>grpc</c>.</param>
/// <param name="Port">Where.</param>
/// <param name="AskedAt">The path the node asks instead.</param>
/// <param name="TimeoutSeconds">How long an answer may take; 0 for as long as it takes.</param>
/// <param name="PeriodSeconds">How often the node asks.</param>
internal sealed record ProbeTarget(string Container, string Kind, string Protocol, int Port, string AskedAt, int TimeoutSeconds, int PeriodSeconds)
{
    /// <summary>Path and query, for HTTP.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The service that is asked about, for gRPC.</summary>
    public string? Service { get; init; }

    public bool IsHttp => Protocol is "http" or "https";

    public string ClusterName => $"{Container}_{Kind}_cluster";
}
