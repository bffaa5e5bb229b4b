using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using OsmExt.LocalRuntime;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>Asks the application something from inside a pod, over connections that stay open.</summary>
internal interface IEchoClient : IAsyncDisposable
{
    /// <summary>One request and all of its answer.</summary>
    /// <exception cref="IOException">The answer was another.</exception>
    Task AskAsync();

    /// <summary>Makes a client for a protocol.</summary>
    static async Task<IEchoClient> OpenAsync(Protocol protocol, Way way, int connections) => protocol is Protocol.Tcp
        ? await TcpEchoClient.OpenAsync(way, connections)
        : new HttpEchoClient(protocol, way, connections);
}

/// <summary>How a client comes to the application.</summary>
/// <param name="From">The pod it is in.</param>
/// <param name="Host">The application's name.</param>
/// <param name="Secure">Whether the client brings mutual TLS itself, past any sidecar.</param>
internal sealed record Way(PodNetwork From, string Host, bool Secure)
{
    private static readonly X509Certificate2 Identity = Certificates.SelfSigned("client");

    public SslClientAuthenticationOptions Tls => new()
    {
        TargetHost = Host,
        ClientCertificateContext = SslStreamCertificateContext.Create(Identity, null, offline: true),
        RemoteCertificateValidationCallback = (_, server, _, _) => server is not null,
    };
}

internal enum Protocol
{
    Http1,
    Http2,
    Tcp,
}

/// <summary>HTTP with .NET's own client, without what HttpClient adds to it.</summary>
internal sealed class HttpEchoClient : IEchoClient
{
    /// <summary>Many requests share a connection of HTTP/2.</summary>
    private const int Http2Connections = 4;

    private readonly HttpMessageInvoker[] _clients;
    private readonly Uri _address;
    private readonly Version _version;
    private int _next;

    public HttpEchoClient(Protocol protocol, Way way, int connections)
    {
        var plain = protocol is Protocol.Http1 ? EchoPorts.Http1 : EchoPorts.Http2;
        _version = protocol is Protocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20;
        _address = new UriBuilder(way.Secure ? "https" : "http", way.Host, way.Secure ? EchoPorts.DirectHttp : plain, "/echo").Uri;
        _clients = [.. Enumerable.Range(0, protocol is Protocol.Http1 ? 1 : Http2Connections).Select(_ => new HttpMessageInvoker(Handler(way, connections)))];
    }

    public async Task AskAsync()
    {
        var client = _clients[(uint)Interlocked.Increment(ref _next) % _clients.Length];
        using var request = new HttpRequestMessage(HttpMethod.Get, _address) { Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request, CancellationToken.None);
        var answer = await response.Content.ReadAsByteArrayAsync();
        if (response.StatusCode != HttpStatusCode.OK || answer.Length != EchoApplication.Message.Length)
        {
            throw new IOException($"{_address} answered {(int)response.StatusCode}.");
        }
    }

    public ValueTask DisposeAsync()
    {
        Array.ForEach(_clients, client => client.Dispose());
        return ValueTask.CompletedTask;
    }

    private static SocketsHttpHandler Handler(Way way, int connections)
    {
        var handler = way.From.CreateHandler();
        handler.PooledConnectionLifetime = Timeout.InfiniteTimeSpan;
        handler.MaxConnectionsPerServer = connections;
        if (way.Secure)
        {
            handler.SslOptions = way.Tls;
        }

        return handler;
    }
}

/// <summary>Messages on connections; who finds all of them in use waits.</summary>
internal sealed class TcpEchoClient : IEchoClient
{
    private readonly Channel<Stream> _idle = Channel.CreateUnbounded<Stream>();
    private readonly List<Stream> _all = [];

    public static async Task<TcpEchoClient> OpenAsync(Way way, int connections)
    {
        var client = new TcpEchoClient();
        for (var connection = 0; connection < connections; connection++)
        {
            var stream = await way.From.ConnectAsync(way.Host, way.Secure ? EchoPorts.DirectTcp : EchoPorts.Tcp);
            if (way.Secure)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false);
                await secure.AuthenticateAsClientAsync(way.Tls);
                stream = secure;
            }

            client._all.Add(stream);
            client._idle.Writer.TryWrite(stream);
        }

        return client;
    }

    public async Task AskAsync()
    {
        var stream = await _idle.Reader.ReadAsync();
        var answer = new byte[EchoApplication.Message.Length];
        await stream.WriteAsync(EchoApplication.Message);
        await stream.ReadExactlyAsync(answer);
        _idle.Writer.TryWrite(stream);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _all)
        {
            await stream.DisposeAsync();
        }
    }
}
