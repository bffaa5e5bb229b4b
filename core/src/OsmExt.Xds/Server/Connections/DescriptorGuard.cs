using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OsmExt.Xds.Observability;

namespace OsmExt.Xds.Server.Connections;

/// <summary>
/// Accepts connections, on whatever port, only as long as that leaves the process file descriptors for itself. It is decided before the
/// next one is accepted: a crowd comes faster than anything behind it could send it away, and a runtime without descriptors cannot so
/// much as load an assembly, which ends the process.
/// </summary>
internal sealed class DescriptorGuard(SocketTransportFactory sockets, Pressure pressure, XdsMetrics metrics) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => new Listener(await sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false), pressure, metrics);

    private sealed class Listener(IConnectionListener inner, Pressure pressure, XdsMetrics metrics) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var connection = await inner.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (connection is null || pressure.TryTakeDescriptor())
                {
                    return connection;
                }

                metrics.RefusedConnections.WithLabels("files").Inc();
                connection.Abort();
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
