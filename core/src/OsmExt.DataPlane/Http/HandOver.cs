using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OsmExt.DataPlane.Http;

/// <summary>Hands connections to Kestrel that have been accepted, and looked into, already: one endpoint for each version of HTTP.</summary>
internal sealed class HandOver : IConnectionListenerFactory
{
    private readonly Channel<ConnectionContext> _http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> _http2 = Channel.CreateUnbounded<ConnectionContext>();
    private long _connections;

    public static EndPoint Http1 { get; } = new Name("HTTP/1.1");

    public static EndPoint Http2 { get; } = new Name("HTTP/2");

    /// <summary>Has Kestrel serve a connection, to its end.</summary>
    /// <param name="stream">What is read and written.</param>
    /// <param name="local">Where it came to.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="isHttp2">Whether it speaks HTTP/2.</param>
    /// <param name="session">What its requests find as a feature; null for nothing.</param>
    /// <param name="stop">Ends it at once.</param>
    public async Task ServeAsync(Stream stream, IPEndPoint local, IPEndPoint remote, bool isHttp2, HttpSession? session, CancellationToken stop)
    {
        var connection = new StreamConnection(stream, Interlocked.Increment(ref _connections).ToString(CultureInfo.InvariantCulture), local, remote, session);
        if (!(isHttp2 ? _http2 : _http1).Writer.TryWrite(connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
            return;
        }

        using var ending = stop.UnsafeRegister(static state => ((StreamConnection)state!).Abort(), connection);
        await connection.Ended;
    }

    /// <summary>Stops the server that was handed connections, without waiting for any.</summary>
    public static async ValueTask StopAtOnceAsync(KestrelServer server)
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await server.StopAsync(atOnce.Token);
        server.Dispose();
    }

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
