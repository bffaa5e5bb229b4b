using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Testing.Meshes;

/// <summary>
/// Small meshes with everything that can happen in them, for property tests: every object is drawn from few names, so that
/// references meet, dangle and clash. The same seed gives the same mesh.
/// </summary>
/// <param name="seed">Where the drawing starts.</param>
public sealed class RandomMesh(int seed)
{
    private static readonly string[] Namespaces = ["a", "b"];
    private static readonly string[] Names = ["web", "api", "db"];
    private static readonly string[] Accounts = ["sa-1", "sa-2", "sa-3"];
    private static readonly string[] Protocols = ["http-x", "grpc-x", "tcp-x", "tcp-server-first-x", "x"];
    private readonly Random _random = new(seed);

    /// <summary>A whole mesh; of several objects with one key the last counts.</summary>
    /// <param name="draws">How many objects to draw, besides namespaces and configuration.</param>
    public IReadOnlyList<Resource> Objects(int draws = 40)
    {
        var drawn = new Dictionary<ResourceKey, Resource>();
        foreach (var resource in Namespaces.Select(ns => (Resource)Monitored(ns, true)).Append(Config()).Concat(Enumerable.Range(0, draws).Select(_ => Draw())))
        {
            drawn[resource.Key] = resource;
        }

        return [.. drawn.Values];
    }

    /// <summary>A change: some object anew, or removed.</summary>
    public ResourceChange Change()
    {
        var resource = _random.Next(12) switch
        {
            0 => Monitored(Pick(Namespaces), _random.Next(4) > 0),
            1 => Config(),
            _ => Draw(),
        };
        return new(resource.Key, _random.Next(4) == 0 && resource is not Namespace ? null : resource);
    }

    /// <summary>The items in another order.</summary>
    public IReadOnlyList<T> Shuffle<T>(IEnumerable<T> items)
    {
        var copy = items.ToArray();
        _random.Shuffle(copy);
        return copy;
    }

    private static Namespace Monitored(string ns, bool yes)
        => new(new("", ns) { Labels = yes ? [new("openservicemesh.io/monitored-by", "osm")] : LabelSet.Empty });

    private MeshConfig Config()
        => new(new("osm-system", MeshConfig.WellKnownName)) { Permissive = _random.Next(3) == 0, EnableEgress = _random.Next(3) == 0, TrafficMetrics = _random.Next(2) == 0, RetryPolicy = _random.Next(4) > 0, ActiveHealthChecks = _random.Next(4) == 0 };

    private Resource Draw() => _random.Next(12) switch
    {
        0 or 1 => DrawService(),
        2 or 3 => DrawPod(),
        4 or 5 => DrawEndpoints(),
        6 => DrawRoutes(),
        7 => new TcpRoute(new(Pick(Namespaces), Pick(Names))) { Ports = _random.Next(2) == 0 ? [] : [DrawPort()] },
        8 => DrawTarget(),
        9 => DrawRetry(),
        10 => DrawUpstream(),
        _ => DrawSplit(),
    };

    private Service DrawService() => new(new(Pick(Namespaces), Pick(Names)))
    {
        Selector = _random.Next(6) == 0 ? LabelSet.Empty : [new("app", Pick(Names))],
        ClusterAddresses = _random.Next(4) == 0 ? [] : [$"10.96.0.{_random.Next(6)}"],
        Ports = [new ServicePort(Pick(Protocols), DrawPort()) { TargetPort = _random.Next(2) == 0 ? "" : "9000" }, new ServicePort("http-second", 9090)],
    };

    private Pod DrawPod() => new(new(Pick(Namespaces), $"{Pick(Names)}-{_random.Next(3)}") { Labels = [new("app", Pick(Names))] })
    {
        ServiceAccount = Pick(Accounts),
        Addresses = [$"10.0.0.{_random.Next(8)}"],
        Finished = _random.Next(10) == 0,
        HostNetwork = _random.Next(10) == 0,
        Hostname = _random.Next(3) == 0 ? "member" : "",
        Containers = [new Container("app") { Ports = [new ContainerPort("web", 8000 + _random.Next(2))] }],
    };

    private EndpointSlice DrawEndpoints()
    {
        var name = Pick(Names);
        return new(new(Pick(Namespaces), $"{name}-{_random.Next(2)}"))
        {
            ServiceName = name,
            IsLegacy = _random.Next(4) == 0,
            Subsets =
            [
                new EndpointSubset(
                    [new EndpointPort(Pick(Protocols), DrawPort()), new EndpointPort("http-second", 9090)],
                    [.. Enumerable.Range(0, _random.Next(4)).Select(_ => new Endpoint($"10.0.0.{_random.Next(8)}") { Ready = _random.Next(4) > 0, Hostname = _random.Next(3) == 0 ? "member" : "" })]),
            ],
        };
    }

    private HttpRouteGroup DrawRoutes() => new(new(Pick(Namespaces), Pick(Names)))
    {
        Matches =
        [
            new HttpMatch("m-1") { PathRegex = _random.Next(3) switch { 0 => "", 1 => "/x.*", _ => "/(bad" }, Methods = _random.Next(2) == 0 ? [] : ["GET", "POST"] },
            new HttpMatch("m-2") { Headers = [new("host", "web.*"), new("x-user", "[a-z]+")] },
        ],
    };

    private TrafficTarget DrawTarget()
    {
        var ns = Pick(Namespaces);
        return new(new(ns, Pick(Names)))
        {
            Destination = new("ServiceAccount", _random.Next(8) == 0 ? Pick(Namespaces) : ns, Pick(Accounts)),
            Sources = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new IdentityReference(_random.Next(8) == 0 ? "Group" : "ServiceAccount", Pick(Namespaces), Pick(Accounts)))],
            Rules = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => _random.Next(2) == 0
                ? new TrafficTargetRule("TCPRoute", Pick(Names), [])
                : new TrafficTargetRule("HTTPRouteGroup", Pick(Names), _random.Next(2) == 0 ? [] : ["m-1", "absent"]))],
        };
    }

    private TrafficSplit DrawSplit() => new(new(Pick(Namespaces), Pick(Names)))
    {
        Service = _random.Next(3) == 0 ? $"{Pick(Names)}.{Pick(Namespaces)}" : Pick(Names),
        Backends = [.. Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => new SplitBackend(Pick(Names), _random.Next(3)))],
        Matches = _random.Next(4) == 0 ? [Pick(Names)] : [],
    };

    private Retry DrawRetry() => new(new(Pick(Namespaces), Pick(Names)) { Created = Sometime() })
    {
        Source = new("ServiceAccount", Pick(Namespaces), Pick(Accounts)),
        Destinations = [.. Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => new ServiceReference("Service", Pick(Namespaces), Pick(Names)))],
        Settings = new("5xx") { NumRetries = _random.Next(2) == 0 ? null : _random.Next(5) },
    };

    private UpstreamTrafficSetting DrawUpstream() => new(new(Pick(Namespaces), Pick(Names)) { Created = Sometime() })
    {
        Host = $"{Pick(Names)}.{Pick(Namespaces)}.svc.cluster.local",
        Settings = new()
        {
            Connections = new() { MaxConnections = _random.Next(3) == 0 ? null : _random.Next(9), RequestTimeout = _random.Next(2) == 0 ? null : TimeSpan.FromSeconds(9) },
            OutlierDetection = _random.Next(2) == 0 ? null : new() { Consecutive5xx = _random.Next(3) },
            HealthCheck = _random.Next(3) == 0 ? new() : null,
            RateLimits = new()
            {
                LocalTcp = _random.Next(3) == 0 ? new(5, TimeSpan.FromMinutes(1)) : null,
                LocalHttp = _random.Next(3) == 0 ? new(new(5, TimeSpan.FromSeconds(1), 2)) : null,
                GlobalHttp = _random.Next(4) == 0 ? new(new(new("limits", 8081 + _random.Next(2)), "d"), [new([new GenericKeyEntry("k", "v")])]) : null,
                Routes = _random.Next(2) == 0 ? [] : [new("/x.*") { Local = new(new(1, TimeSpan.FromHours(1))) }],
            },
        },
    };

    private DateTimeOffset? Sometime() => _random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch.AddDays(_random.Next(3));

    private int DrawPort() => 8080 + _random.Next(2);

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
