using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OsmExt.Testing.Hosting.Applications;

namespace OsmExt.Testing.Hosting.Network;

/// <summary>Which application listens at which port.</summary>
internal sealed class PortTable : IAsyncDisposable
{
    private const int Any = 0;
    private readonly ConcurrentDictionary<int, IPodApplication> _applications = [];
    private readonly ConcurrentQueue<Task> _ended = [];

    public bool IsEmpty => _applications.IsEmpty;

    /// <summary>Has it listen there; at all ports that nobody else has where none is given. Who listened there before is ended, and so is a stand-in.</summary>
    public void Listen(IReadOnlyCollection<int> ports, IPodApplication application)
    {
        var before = _applications.Values.ToHashSet();
        if (_applications.GetValueOrDefault(Any) is StandIn)
        {
            _applications.TryRemove(Any, out _);
        }

        foreach (var port in ports.Count == 0 ? [Any] : ports)
        {
            _applications[port] = application;
        }

        foreach (var gone in before.Except(_applications.Values))
        {
            _ended.Enqueue(gone.DisposeAsync().AsTask());
        }
    }

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint destination, CancellationToken stop)
        => _applications.TryGetValue(destination.Port, out var application) || _applications.TryGetValue(Any, out application)
            ? application.OpenAsync(source, destination, stop)
            : throw new SocketException((int)SocketError.ConnectionRefused);

    public async ValueTask DisposeAsync()
    {
        foreach (var application in _applications.Values.Distinct())
        {
            await application.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_ended).ConfigureAwait(false);
    }
}
