using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Http;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Rejections;
using OsmExt.ControlPlane.Roots;
using OsmExt.ControlPlane.Serving;
using OsmExt.ControlPlane.Reporting;
using OsmExt.Identity;
using OsmExt.Kubernetes.Sources;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;
using OsmExt.Xds;
using OsmExt.Xds.Server;
using OsmExt.Xds.Server.Connections;
using Prometheus;

namespace OsmExt.ControlPlane;

/// <summary>Puts a control plane together. Nothing is read and no port opened before the host starts.</summary>
internal static partial class ControlPlaneHost
{
    /// <param name="configure">Sets the options.</param>
    /// <param name="compiler">Mesh name, namespace and trust domain.</param>
    /// <param name="customize">Replaces services, for tests.</param>
    public static WebApplication Create(Action<ControlPlaneOptions> configure, CompilerOptions compiler, Action<WebApplicationBuilder>? customize = null)
    {
        var options = new ControlPlaneOptions();
        configure(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"))
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddControlPlane(configure, options, compiler);
        customize?.Invoke(builder);

        var app = builder.Build();
        app.MapXds().RequirePort(ListenerPort.Xds);
        app.MapHealth();
        app.MapDebug();
        app.MapClientStatus();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            // In the order in which they were given to Kestrel.
            var addresses = app.Urls.ToArray();
            Log.Started(app.Logger, Build.Version, addresses[0], addresses[1], addresses[2]);
        });
        return app;
    }

    private static void AddControlPlane(this IServiceCollection services, Action<ControlPlaneOptions> configure, ControlPlaneOptions options, CompilerOptions compiler)
    {
        services.AddOptions<ControlPlaneOptions>().Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<KestrelServerOptions>().Configure<XdsServerTls>((kestrel, tls) => Listen(kestrel, options, tls));
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        services.AddIdentity(identity =>
        {
            identity.StateDirectory = options.StateDirectory;
            identity.TrustDomain = compiler.TrustDomain;
            identity.ShortestWorkloadCertificateValidity = options.ShortestCertificateValidity;
        });
        services.AddSingleton(Metrics.DefaultRegistry);
        services.AddSingleton<IMetricFactory>(provider => Metrics.WithCustomRegistry(provider.GetRequiredService<CollectorRegistry>()));
        services.AddXds();
        services.AddSingleton(compiler);
        services.AddSingleton<IResourceSource>(provider =>
            new DirectorySource(new() { Paths = options.Config, Kinds = provider.GetRequiredService<LivePluginKinds>().Current }, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Wakeup>().AddSingleton<ResourceStore>().AddSingleton<ScopePublisher>().AddSingleton<ConnectedProxies>();
        services.AddSingleton<ConvergenceLog>().AddSingleton<ChangeMetrics>().AddSingleton<ChangeTraces>().AddSingleton<LagMetrics>().AddSingleton<Receipts>().AddHostedService<TraceExport>().AddSingleton<PipelineMetrics>().AddSingleton<MeshPipeline>();
        services.AddSingleton<IReplicas, SoleReplica>().AddSingleton<ReplicaBoard>().AddSingleton<SecretRoots>().AddSingleton<PrincipalDomains>().AddSingleton<DomainEvidence>().AddSingleton<RootEvidence>().AddSingleton<RootRotation>().AddSingleton<CredentialReview>().AddSingleton<RejectionReview>();
        services.AddSingleton<NodeCapabilities>().AddSingleton<BuildLimits>().AddSingleton<IXdsClientAuthorizer, ProxyAuthorizer>().AddSingleton<IStatusReaders, StatusReaders>();
        if (options.RecordDirectory is not null)
        {
            services.AddSingleton<StreamRecorder>().AddSingleton<IResponseObserver>(provider => provider.GetRequiredService<StreamRecorder>());
            services.AddHostedService(provider => provider.GetRequiredService<StreamRecorder>());
        }

        services.AddSingleton<PluginsInForce>().AddSingleton<PluginMetrics>().AddSingleton<PluginReport>().AddSingleton<LivePluginKinds>().AddSingleton<PluginTrial>().AddSingleton<PluginRollouts>().AddSingleton<PluginServiceRelay>();
        services.AddSingleton(provider => new RolloutRecords(Path.Combine(Path.GetFullPath(options.StateDirectory), "plugins"), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ProgressReport>().AddSingleton<StatusReview>().AddSingleton<StatusCause>();
        services.AddSingleton<IStatusSink>(provider => new StatusDirectory(Path.Combine(Path.GetFullPath(options.StateDirectory), "status"), provider.GetRequiredService<ILogger<StatusDirectory>>()));
        // First, since the source of objects has to know the plugins' kinds.
        services.AddHostedService<PluginWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<MeshPipeline>());
        services.AddHostedService<StatusWriter>().AddHostedService<BurstCollection>();
        services.AddHostedService<SourceReader>().AddHostedService<CertificateRelay>();
        services.AddSingleton<ISecretKeep>(_ => new SecretFiles(Path.Combine(options.StateDirectory, "secrets"))).AddSingleton<Readiness>();
        services.AddSingleton<GatewaySecrets>().AddHostedService(provider => provider.GetRequiredService<GatewaySecrets>());
    }

    private static void Listen(KestrelServerOptions kestrel, ControlPlaneOptions options, XdsServerTls tls)
    {
        kestrel.Listen(options.XdsAddress, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.AdmitXds(with => with.UseHttps(tls.NewKestrelOptions()));
            listen.Mark(ListenerPort.Xds);
        });
        kestrel.Listen(options.HttpAddress, listen => listen.Mark(ListenerPort.Http));
        kestrel.Listen(options.DebugAddress, listen => listen.Mark(ListenerPort.Debug));
    }

    private static partial class Log
    {
        [LoggerMessage(5200, LogLevel.Information, "Control plane {Version}: proxies connect to {Xds}, health and metrics are at {Http}, debugging is at {Debug}")]
        public static partial void Started(ILogger logger, string version, string xds, string http, string debug);
    }
}
