using System.Collections.Concurrent;
using System.Net;
using OsmExt.Testing.ApiServer;

namespace OsmExt.E2E.Cluster;

/// <summary>
/// Ways from this process into a cluster's network, as an API server has them: a loopback port for whatever is asked for, from which bytes go in
/// through the node.
/// </summary>
internal sealed class ClusterDoors(PodNetwork node, string logs, Func<string, string, string?> addressOf) : IPodEndpoints, IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Host, int Port), Lazy<Relay>> _doors = new();

    /// <summary>Where a service's port is reached.</summary>
    public EndPoint ServiceOf(string serviceNamespace, string service, int port) => To($"{service}.{serviceNamespace}.svc.cluster.local", port);

    /// <inheritdoc/>
    public EndPoint? PortOf(string podNamespace, string pod, int port) => addressOf(podNamespace, pod) is { } address ? To(address, port) : null;

    /// <inheritdoc/>
    public string? LogOf(string podNamespace, string pod, string container, bool previous)
    {
        var file = Path.Join(logs, $"{podNamespace}.{pod}", $"{container}.out.log");
        return !previous && File.Exists(file) ? File.ReadAllText(file) + File.ReadAllText(Path.ChangeExtension(Path.ChangeExtension(file, null), ".err.log")) : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var door in _doors.Values)
        {
            await door.Value.DisposeAsync();
        }
    }

    private IPEndPoint To(string host, int port) => _doors.GetOrAdd((host, port), _ => new(() => Relay.OnLoopback(stop => node.ConnectAsync(host, port, stop)))).Value.Address;
}
