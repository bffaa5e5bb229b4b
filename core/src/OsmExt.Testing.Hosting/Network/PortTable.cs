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
    /// <returns>Whether anybody was ended.</returns>
    public bool Listen(IReadOnlyCollection<int> ports, IPodApplication application)
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

        var ended = before.Except(_applications.Values).ToArray();
        foreach (var gone in ended)
        {
            _ended.Enqueue(gone.DisposeAsync().AsTask());
        }

        return ended.Length > 0;
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
