using System.Collections.Frozen;
using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.Envoy;

namespace OsmExt.Simulation;

/// <summary>Everything one proxy was given, by type and name.</summary>
internal sealed class ProxyConfiguration
{
    private readonly FrozenDictionary<(Type Type, string Name), XdsResource> _resources;
    private readonly ImmutableArray<Listener> _listeners;

    /// <param name="name">Whose proxy, as decisions say it.</param>
    /// <param name="resources">What it was given.</param>
    /// <param name="certificate">The names in the certificate it proves itself with; null when it has none.</param>
    public ProxyConfiguration(string name, IEnumerable<XdsResource> resources, PeerCertificate? certificate)
    {
        Name = name;
        Certificate = certificate;
        _resources = resources.ToFrozenDictionary(resource => (resource.Message.GetType(), resource.Name));
        _listeners = [.. _resources.Values.Select(resource => resource.Message).OfType<Listener>().OrderBy(listener => listener.Name,
            StringComparer.Ordinal)];
    }

    public string Name { get; }

    public PeerCertificate? Certificate { get; }

    /// <exception cref="UndecidedException">One of them could not be read; it might be the one that counts.</exception>
    public ImmutableArray<Listener> Listeners
        => Unread.Keys.FirstOrDefault(key => key.Type == typeof(Listener)) is { Type: not null } key ? throw CannotRead(key) : _listeners;

    /// <summary>Why a resource that is there could not be read.</summary>
    public ImmutableDictionary<(Type Type, string Name), string> Unread { get; init; } = ImmutableDictionary<(Type, string), string>.Empty;

    /// <summary>Why nothing is known of endpoints; empty when it is.</summary>
    public string WithoutEndpoints { get; init; } = "";

    /// <summary>The Envoy it runs.</summary>
    public EnvoyRelease Release { get; init; } = EnvoyRelease.Newest;

    /// <summary>Where the pod's outgoing connections are redirected to.</summary>
    public int OutboundPort { get; init; } = 15001;

    /// <summary>Where the pod's incoming connections are redirected to.</summary>
    public int InboundPort { get; init; } = 15003;

    /// <summary>Ports that interception leaves alone, such as the one metrics are read at.</summary>
    public ImmutableArray<int> OpenPorts { get; init; } = [15010, 15901, 15902, 15903, 15904];

    public bool IsOpen(int port) => OpenPorts.Contains(port);

    public RouteConfiguration? Routes(string name) => Find<RouteConfiguration>(name);

    public Cluster? Cluster(string name) => Find<Cluster>(name);

    public ClusterLoadAssignment? Endpoints(string name)
        => WithoutEndpoints.Length > 0 ? throw new UndecidedException($"endpoints {name} of {Name}", WithoutEndpoints) : Find<ClusterLoadAssignment>(name);

    public Secret? Secret(string name) => Find<Secret>(name);

    /// <summary>All it was given.</summary>
    public IEnumerable<XdsResource> Resources => _resources.Values;

    /// <summary>The same proxy with other resources.</summary>
    public ProxyConfiguration With(IEnumerable<XdsResource> resources) => new(Name, resources, Certificate)
    {
        Release = Release,
        OutboundPort = OutboundPort,
        InboundPort = InboundPort,
        OpenPorts = OpenPorts,
    };

    /// <summary>All resources of a type.</summary>
    public IEnumerable<T> All<T>()
        where T : class, IMessage
        => _resources.Values.Select(resource => resource.Message).OfType<T>();

    /// <summary>The objects a resource was made from.</summary>
    public ImmutableArray<string> OriginsOf<T>(string name)
        where T : class, IMessage
        => _resources.TryGetValue((typeof(T), name), out var found) ? found.Origins : [];

    private T? Find<T>(string name)
        where T : class, IMessage
        => Unread.ContainsKey((typeof(T), name)) ? throw CannotRead((typeof(T), name))
            : _resources.TryGetValue((typeof(T), name), out var found) ? (T)found.Message : null;

    private UndecidedException CannotRead((Type Type, string Name) key)
        => new($"{key.Type.Name} {key.Name} of {Name}", $"it cannot be read: {Unread[key]}");
}
