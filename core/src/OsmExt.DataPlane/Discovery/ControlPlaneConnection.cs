using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Grpc.Net.Client;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.Simulation;
using OsmExt.Simulation.Tls;

namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// One connection to the control plane, with one stream. Credentials are read anew for each: a control plane that asks proxies to come again
/// means with what has been renewed since.
/// </summary>
internal sealed class ControlPlaneConnection : IDisposable
{
    private readonly SocketsHttpHandler _handler;
    private readonly GrpcChannel _channel;
    private readonly X509Certificate2? _own;

    private ControlPlaneConnection(SocketsHttpHandler handler, GrpcChannel channel, X509Certificate2? own)
        => (_handler, _channel, _own) = (handler, channel, own);

    /// <summary>Prepares it; nothing is dialled before the stream's first request.</summary>
    /// <exception cref="SecretException">Its credentials cannot be read.</exception>
    public static ControlPlaneConnection Open(ControlPlaneAddress address, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = address.ConnectTimeout,
            EnableMultipleHttp2Connections = false,
            UseProxy = false,
            KeepAlivePingDelay = address.KeepAlive?.Interval ?? Timeout.InfiniteTimeSpan,
            KeepAlivePingTimeout = address.KeepAlive?.Timeout ?? TimeSpan.FromSeconds(20),
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(address.Host, address.Port, stop).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        X509Certificate2? own = null;
        if (address.Tls is { } tls)
        {
            (handler.SslOptions, own) = Secured(tls, time);
        }

        // The address's host is the stream's :authority, which Envoy takes from the cluster's name.
        var uri = new Uri($"{(address.Tls is null ? "http" : "https")}://{(address.Tls?.ServerName is { Length: > 0 } name ? name : address.Cluster)}");
        var options = new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = false, MaxReceiveMessageSize = null, MaxSendMessageSize = null };
        return new(handler, GrpcChannel.ForAddress(uri, options), own);
    }

    public AsyncDuplexStreamingCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> Stream(CancellationToken stop)
        => new AggregatedDiscoveryService.AggregatedDiscoveryServiceClient(_channel).DeltaAggregatedResources(cancellationToken: stop);

    public void Dispose()
    {
        _channel.Dispose();
        _handler.Dispose();
        _own?.Dispose();
    }

    private static (SslClientAuthenticationOptions Options, X509Certificate2? Own) Secured(ControlPlaneTls tls, TimeProvider time)
    {
        var (roots, context) = tls.Trust.ReadTrust();
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = tls.ServerName,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, shown, _) => certificate is not null && IsControlPlane(certificate, shown, roots, context, time),
        };
        if (tls.Certificate?.ReadCertificate() is not var (own, chain))
        {
            return (options, null);
        }

        options.ClientCertificateContext = SslStreamCertificateContext.Create(own, chain, offline: true);
        return (options, own);
    }

    // As Envoy judges it: by the roots and the names of the validation context, and not by the name that was asked for.
    private static bool IsControlPlane(
        X509Certificate certificate, X509Chain? shown, X509Certificate2Collection roots, CertificateValidationContext context, TimeProvider time)
    {
        using var presented = new X509Certificate2(certificate);
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                VerificationTime = time.GetUtcNow().UtcDateTime,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        // What came with it: authorities between it and a root.
        chain.ChainPolicy.ExtraStore.AddRange(shown?.ChainPolicy.ExtraStore ?? []);
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1"));
        var nobody = new ProxyConfiguration("", [], null);
        return chain.Build(presented)
            && PeerValidation.Refuses(nobody, new() { ValidationContext = context }, CertificateNames.Of(presented), "control plane") is null;
    }
}
