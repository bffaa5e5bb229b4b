using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OsmExt.DataPlane.Http;

/// <summary>Hands connections to Kestrel that have been accepted, and looked into, already: one endpoint for each version of HTTP.</summary>
internal sealed class HandOver : IConnectionListenerFactory
{
    private readonly Channel<ConnectionContext> _http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> _http2 = Channel.CreateUnbounded<ConnectionContext>();

    public static EndPoint Http1 { get; } = new Name("HTTP/1.1");

    public static EndPoint Http2 { get; } = new Name("HTTP/2");

    public bool Give(ConnectionContext connection, bool isHttp2) => (isHttp2 ? _http2 : _http1).Writer.TryWrite(connection);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => ValueTask.FromResult<IConnectionListener>(new Listener(endpoint, ReferenceEquals(endpoint, Http2) ? _http2 : _http1));

    private sealed class Name(string text) : EndPoint
    {
        public override string ToString() => text;
    }

    private sealed class Listener(EndPoint endpoint, Channel<ConnectionContext> channel) : IConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                if (channel.Reader.TryRead(out var connection))
                {
                    return connection;
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            channel.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
