using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Envoy.Service.Discovery.V3;
using Grpc.Net.Client;

namespace OsmExt.Testing.Xds;

/// <summary>
/// A client of the aggregated discovery service for protocol tests. It does what it is told and nothing else: requests go out
/// as given, responses come back as generated messages, and nothing is acknowledged unless the test says so.
/// </summary>
/// <example>
/// <code>
/// await using var client = new AdsTestClient(new Uri("http://127.0.0.1:15128"));
/// await using var stream = client.OpenDelta();
/// await stream.SubscribeAsync(clusterTypeUrl, "*");
/// var clusters = await stream.NextAsync(clusterTypeUrl);
/// await stream.AckAsync(clusters);
/// </code>
/// </example>
public sealed class AdsTestClient : IAsyncDisposable
{
    private readonly AdsTestClientOptions _options;
    private readonly SocketsHttpHandler _handler;
    private readonly GrpcChannel _channel;
    private long _bytesReceived;

    /// <summary>Prepares a client; it connects when the first stream is opened.</summary>
    /// <param name="address">For example <c>https://127.0.0.1:15128</c>, or <c>http</c> for plaintext.</param>
    /// <param name="options">Certificates and defaults.</param>
    public AdsTestClient(Uri address, AdsTestClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        _options = options ?? new();
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(address.Host, address.Port, cancellationToken).ConfigureAwait(false);
                return new CountingStream(new NetworkStream(socket, ownsSocket: true), count => Interlocked.Add(ref _bytesReceived, count));
            },
            SslOptions = Tls(_options),
        };
        // The host of the channel's address is what the server's certificate is verified against.
        var named = new UriBuilder(address) { Host = _options.ServerName ?? address.Host }.Uri;
        _channel = GrpcChannel.ForAddress(named, new() { HttpHandler = _handler, MaxReceiveMessageSize = null, MaxSendMessageSize = null });
    }

    /// <summary>Bytes that came in over the network on all connections of this client, framing and encryption included.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Opens a stream of the state-of-the-world variant.</summary>
    /// <param name="read">False to leave the responses unread, as a stuck proxy does, until <see cref="AdsTestStream{TRequest, TResponse}.StartReading"/>.</param>
    public SotwTestStream OpenStateOfTheWorld(bool read = true)
        => Opened(new SotwTestStream(new AggregatedDiscoveryService.AggregatedDiscoveryServiceClient(_channel).StreamAggregatedResources(), _options), read);

    /// <summary>Opens a stream of the delta variant.</summary>
    /// <param name="read">False to leave the responses unread, as a stuck proxy does, until <see cref="AdsTestStream{TRequest, TResponse}.StartReading"/>.</param>
    public DeltaTestStream OpenDelta(bool read = true)
        => Opened(new DeltaTestStream(new AggregatedDiscoveryService.AggregatedDiscoveryServiceClient(_channel).DeltaAggregatedResources(), _options), read);

    /// <summary>Opens a stream of a type's own discovery service, in the state-of-the-world variant.</summary>
    /// <param name="typeUrl">The only type the stream carries.</param>
    /// <param name="read">False to leave the responses unread until <see cref="AdsTestStream{TRequest, TResponse}.StartReading"/>.</param>
    public SotwTestStream OpenSeparateStateOfTheWorld(string typeUrl, bool read = true)
        => Opened(new SotwTestStream(SeparateStreams.StateOfTheWorld(_channel, typeUrl), _options), read);

    /// <summary>Opens a stream of a type's own discovery service, in the delta variant.</summary>
    /// <param name="typeUrl">The only type the stream carries.</param>
    /// <param name="read">False to leave the responses unread until <see cref="AdsTestStream{TRequest, TResponse}.StartReading"/>.</param>
    public DeltaTestStream OpenSeparateDelta(string typeUrl, bool read = true)
        => Opened(new DeltaTestStream(SeparateStreams.Delta(_channel, typeUrl), _options), read);

    /// <summary>Closes all connections.</summary>
    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        _handler.Dispose();
        return ValueTask.CompletedTask;
    }

    private static T Opened<T>(T stream, bool read)
        where T : IStartReading
    {
        if (read)
        {
            stream.StartReading();
        }

        return stream;
    }

    private static SslClientAuthenticationOptions Tls(AdsTestClientOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.ClientCertificate is { } certificate)
        {
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        if (options.TrustedRoots is { } roots)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return tls;
    }
}
