using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Entry;
using OsmExt.DataPlane.Streams;
using OsmExt.Testing.Hosting.Network;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>What an Envoy opens arrives here, and goes on over the mesh's network as from any sidecar: one socket for each place it may call.</summary>
internal sealed class Exits : IDisposable
{
    private const int Backlog = 4096;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Socket> _doors = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SocketEnd, bool> _own = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SocketFolder _at;
    private readonly NetworkPod _pod;
    private readonly MeshNetwork _network;
    private readonly Passages _passages;
    private bool _disposed;

    public Exits(SocketFolder at, NetworkPod pod, MeshNetwork network, Passages passages)
    {
        (_at, _pod, _network, _passages) = (at, pod, network, passages);
        Open(at.Anywhere, Told);
    }

    /// <summary>Listens for connections to a place, and says where.</summary>
    public string To(string host, int port)
    {
        var path = _at.Exit(host, port);
        Open(path, (_, _) => ValueTask.FromResult<IPEndPoint?>(new(
            IPAddress.TryParse(host, out var address) ? address : _network.Resolve(host, port, _pod.Namespace)[0], port)));
        return path;
    }

    /// <summary>Closes what leads to applications of the pod itself. When this returns the Envoy can see it.</summary>
    public void CloseOwn()
    {
        foreach (var connection in _own.Keys)
        {
            connection.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var door in _doors.Values)
            {
                door.Dispose();
            }
        }

        _stopping.Cancel();
        _stopping.Dispose();
    }

    private static async ValueTask<IPEndPoint?> Told(Stream near, CancellationToken stop) => (await ProxyHeader.ReadAsync(near, stop).ConfigureAwait(false))?.Destination;

    private void Open(string path, Func<Stream, CancellationToken, ValueTask<IPEndPoint?>> find)
    {
        lock (_gate)
        {
            if (_disposed || _doors.ContainsKey(path))
            {
                return;
            }

            var door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            door.Bind(new UnixDomainSocketEndPoint(path));
            door.Listen(Backlog);
            _doors.Add(path, door);
            _ = AcceptAsync(door, find, _stopping.Token);
        }
    }

    private async Task AcceptAsync(Socket door, Func<Stream, CancellationToken, ValueTask<IPEndPoint?>> find, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var socket = await door.AcceptAsync(stop).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(socket, find, stop), CancellationToken.None);
            }
        }
        catch (Exception failure) when (Ends.IsEnd(failure))
        {
            // The sidecar has ended.
        }
    }

    // Who cannot be reached closes the connection: a socket of this machine cannot say so earlier.
    private async Task ServeAsync(Socket socket, Func<Stream, CancellationToken, ValueTask<IPEndPoint?>> find, CancellationToken stop)
    {
        var near = new SocketEnd(socket);
        await using (near.ConfigureAwait(false))
        {
            try
            {
                if (await find(near, stop).ConfigureAwait(false) is { } destination)
                {
                    _ = IPAddress.IsLoopback(destination.Address) && _own.TryAdd(near, true);
                    await _passages.JoinAsync(near, await _pod.DialAsync(destination, stop).ConfigureAwait(false), stop).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (Ends.IsEnd(failure))
            {
                // Its end is what the Envoy sees.
            }
            finally
            {
                _own.TryRemove(near, out _);
            }
        }
    }
}
