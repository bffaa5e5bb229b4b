using System.Buffers.Binary;
using System.Security.Cryptography;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;
using OsmExt.Xds.Server.Connections;
using OsmExt.Xds.Snapshots;
using Prometheus;

namespace OsmExt.Xds;

/// <summary>Puts the xDS server into a host.</summary>
internal static class XdsServiceCollectionExtensions
{
    /// <summary>
    /// Registers the server. The host adds an <see cref="IXdsClientAuthorizer"/>, opens a port for HTTP/2 with client
    /// certificates around which it puts <see cref="ConnectionAdmissionExtensions.AdmitXds"/>, calls <see cref="MapXds"/>, and publishes to the <see cref="SnapshotCache"/>.
    /// </summary>
    public static IServiceCollection AddXds(this IServiceCollection services, Action<XdsServerOptions>? configure = null)
    {
        services.AddOptions<XdsServerOptions>().Configure(configure ?? (static _ => { })).ValidateDataAnnotations()
            .Validate(static o => o.HoldTimeout > TimeSpan.Zero && o.WriteTimeout > TimeSpan.Zero && o.FirstRequestTimeout > TimeSpan.Zero && o.SlowWrite > TimeSpan.Zero && o.HandshakeTimeout > TimeSpan.Zero && o.SlowHandshake > TimeSpan.Zero && o.PoolDelay > TimeSpan.Zero, "times must be positive")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IMetricFactory>(static _ => Metrics.DefaultFactory);
        services.TryAddSingleton(static _ => new NonceTags(static () => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)))));
        services.TryAddSingleton<XdsMetrics>();
        services.TryAddSingleton<SnapshotCache>();
        services.TryAddSingleton<StreamRegistry>();
        services.TryAddSingleton<RejectionLog>();
        services.TryAddSingleton<IProcessLimits, ProcessLimits>();
        services.TryAddSingleton<Pressure>();
        services.TryAddSingleton<ConnectionAdmission>();

        // The last one registered is taken, so this comes after Kestrel's own.
        services.AddSingleton<IConnectionListenerFactory>(static provider => new DescriptorGuard(
            new(provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()), provider.GetRequiredService<Pressure>(), provider.GetRequiredService<XdsMetrics>()));
        services.TryAddSingleton<AdsServer>();
        services.TryAddSingleton<AdsService>();
        services.TryAddSingleton<IStatusReaders, NoStatusReaders>();
        services.TryAddSingleton<ClientStatusService>();
        services.AddGrpc();
        services.AddOptions<GrpcServiceOptions>().Configure<IOptions<XdsServerOptions>>(static (grpc, xds) => grpc.MaxReceiveMessageSize = xds.Value.MaxRequestBytes);
        services.Configure<KestrelServerOptions>(Prepare);
        return services;
    }

    public static IEndpointConventionBuilder MapXds(this IEndpointRouteBuilder endpoints)
        => endpoints.MapGrpcService(static services => services.GetRequiredService<AdsService>().Define());

    private static void Prepare(KestrelServerOptions kestrel)
    {
        // Envoy says ":scheme: http" on TLS connections too (envoyproxy/envoy#16255); Kestrel would reset such streams.
        kestrel.AllowAlternateSchemes = true;
        kestrel.AddServerHeader = false;

        // Discovery streams are silent for hours. Dead peers are found by pings, slow readers by the write timeout.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;

        // Requests are small; what a client sends that nobody has read yet is in memory.
        kestrel.Limits.Http2.InitialConnectionWindowSize = 256 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 128 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }
}
