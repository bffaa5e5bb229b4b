using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OsmExt.Testing.ApiServer;

namespace OsmExt.E2E.Cluster;

/// <summary>
/// Ways from this process into a cluster's network, as an API server has them: a loopback port for whatever is asked for, from which bytes go in
/// through the node.
/// </summary>
internal sealed class ClusterDoors(PodNetwork node, string logs, Func<string, string, string?> addressOf) : IPodEndpoints, IDisposable
{
    private readonly ConcurrentDictionary<(string Host, int Port), Lazy<Door>> _doors = new();

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

    public void Dispose()
    {
        foreach (var door in _doors.Values)
        {
            door.Value.Dispose();
        }
    }

    private IPEndPoint To(string host, int port) => _doors.GetOrAdd((host, port), _ => new(() => new(node, host, port))).Value.Address;

    private sealed class Door : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _accepting;

        public Door(PodNetwork node, string host, int port)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _accepting = AcceptAsync(node, host, port);
        }

        public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

        public void Dispose()
        {
            _stopping.Cancel();
            _listener.Dispose();
            _accepting.GetAwaiter().GetResult();
            _stopping.Dispose();
        }

        private async Task AcceptAsync(PodNetwork node, string host, int port)
        {
            try
            {
                while (true)
                {
                    _ = PassAsync(await _listener.AcceptAsync(_stopping.Token), node, host, port);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The cluster goes.
            }
        }

        private async Task PassAsync(Socket accepted, PodNetwork node, string host, int port)
        {
            using var client = new NetworkStream(accepted, ownsSocket: true);
            try
            {
                await using var inside = await node.ConnectAsync(host, port, _stopping.Token);
                await Task.WhenAny(client.CopyToAsync(inside, _stopping.Token), inside.CopyToAsync(client, _stopping.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // Nobody there, or either side ended.
            }
        }
    }
}
