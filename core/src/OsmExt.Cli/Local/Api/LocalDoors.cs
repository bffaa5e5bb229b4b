using System.Collections.Concurrent;
using System.Net;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.ApiServer;

namespace OsmExt.Cli.Local.Api;

/// <summary>
/// Ways between the API server, which listens on this machine's own loopback, and a mesh, whose network may be another: the control plane's to the server, the server's to the
/// webhooks and to pods.
/// </summary>
internal sealed class LocalDoors(string name, string logs, LoopbackBlock? loopback) : IPodEndpoints, IAsyncDisposable
{
    private const int WebhookPort = 9090;

    private readonly ConcurrentDictionary<(string Network, int Port), Lazy<Relay>> _doors = new();
    private LocalMesh? _mesh;
    private Relay? _entry;

    /// <summary>Where the control plane's webhooks listen, in its own network.</summary>
    public IPEndPoint Webhooks { get; } = new(loopback?.Node ?? IPAddress.Loopback, WebhookPort);

    /// <summary>The address of the node that all pods are said to be on.</summary>
    public string NodeAddress { get; } = loopback?.Node.ToString() ?? LocalMeshOptions.DefaultNodeAddress;

    /// <summary>Where a webhook is reached. The mesh's own are the only ones that are known.</summary>
    public EndPoint? ServiceOf(string serviceNamespace, string service, int port)
        => service is not ("osm-validator" or "osm-injector") ? null
            : loopback is null ? Into(PodNetwork.OfNode(name), Webhooks.Port).Address : Webhooks;

    /// <inheritdoc/>
    public EndPoint? PortOf(string podNamespace, string pod, int port)
    {
        if (loopback is null)
        {
            return PodNetwork.OfPod(name, podNamespace, pod) is { Exists: true } network ? Into(network, port).Address : null;
        }

        return _mesh?.PlaceOf(new(nameof(Pod), podNamespace, pod)) is { } place ? new IPEndPoint(place.Application, port) : null;
    }

    /// <inheritdoc/>
    public string? LogOf(string podNamespace, string pod, string container, bool previous)
    {
        var file = Path.Join(logs, $"{podNamespace}.{pod}", $"{container}.out.log");
        return !previous && File.Exists(file) ? Text(file) + Text(Path.Join(logs, $"{podNamespace}.{pod}", $"{container}.err.log")) : null;
    }

    /// <summary>Lets the mesh's network reach the server where it is for everybody else: at the same port of loopback.</summary>
    public async Task OpenAsync(LocalMesh mesh, Uri server)
    {
        _mesh = mesh;
        if (loopback is null)
        {
            var inside = await PodNetwork.OfNode(name).ListenAsync(new(IPAddress.Loopback, server.Port)).ConfigureAwait(false);
            _entry = new(inside, stop => Relay.DialAsync(new IPEndPoint(IPAddress.Loopback, server.Port), stop));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var door in _doors.Values.Select(door => door.Value).Append(_entry).OfType<Relay>())
        {
            await door.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Relay Into(PodNetwork network, int port)
        => _doors.GetOrAdd((network.Name, port), _ => new(() => Relay.OnLoopback(stop => network.ConnectAsync(IPAddress.Loopback.ToString(), port, stop)))).Value;

    // It is being written.
    private static string Text(string file)
    {
        if (!File.Exists(file))
        {
            return "";
        }

        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }
}
