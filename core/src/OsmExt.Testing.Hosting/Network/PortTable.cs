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
    private readonly ConcurrentBag<IPodApplication> _all = [];

    public bool IsEmpty => _applications.IsEmpty;

    /// <summary>Has it listen there, and whoever listened there no longer; at all ports that nobody else has when it is null.</summary>
    public void Listen(int? port, IPodApplication application)
    {
        _applications[port ?? Any] = application;
        _all.Add(application);
    }

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint destination, CancellationToken stop)
        => _applications.TryGetValue(destination.Port, out var application) || _applications.TryGetValue(Any, out application)
            ? application.OpenAsync(source, destination, stop)
            : throw new SocketException((int)SocketError.ConnectionRefused);

    public async ValueTask DisposeAsync()
    {
        foreach (var application in _all)
        {
            await application.DisposeAsync().ConfigureAwait(false);
        }
    }
}
