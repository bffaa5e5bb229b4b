using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Http;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Serving;
using OsmExt.ControlPlane.Webhooks;
using OsmExt.Identity.Roots;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;
using Prometheus;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>A control plane on a cluster: the same as on a directory, but objects, roots and what it writes are the cluster's.</summary>
internal static class ClusterControlPlane
{
    /// <param name="configure">Sets the options; where objects come from is set here.</param>
    /// <param name="compiler">Mesh name, namespace and trust domain.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="customize">Replaces services, for tests.</param>
    public static WebApplication Create(
        Action<ControlPlaneOptions> configure, CompilerOptions compiler, ClusterOptions cluster, Action<WebApplicationBuilder>? customize = null)
    {
        var app = ControlPlaneHost.Create(
            options =>
            {
                configure(options);
                (options.IsOnCluster, options.Config) = (true, []);
                options.StatusInterval = cluster.StatusInterval;
            },
            compiler with { OnlyInjected = true },
            builder =>
            {
                builder.Services.AddCluster(cluster);
                builder.Services.AddWebhooks(cluster.Webhooks);
                customize?.Invoke(builder);
            });
        app.Services.GetRequiredService<Readiness>().AwaitsWebhooks = true;
        app.MapWebhooks();
        return app;
    }

    /// <summary>Serves until asked to stop, then drains, then stops.</summary>
    public static async Task ServeAsync(WebApplication host, CancellationToken asked)
    {
        await host.StartAsync(asked).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(asked, host.Lifetime.ApplicationStopping);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!host.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await host.Services.GetRequiredService<Drain>().RunAsync(host.Lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static void AddCluster(this IServiceCollection services, ClusterOptions cluster)
    {
        services.AddSingleton(cluster);
        services.AddSingleton(provider => new ClusterMetrics(provider.GetRequiredService<IMetricFactory>()));
        services.AddSingleton(provider => new ClusterClient(
            cluster.Connection.CreateClient(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ClusterMetrics>()));
        services.AddSingleton(provider => new NamedSecrets(provider.GetRequiredService<MeshPipeline>, provider.GetRequiredService<ScopePublisher>));
        services.Replace(ServiceDescriptor.Singleton<IResourceSource>(provider => new ClusterSource(
            provider.GetRequiredService<ClusterClient>(),
            new()
            {
                Kinds = provider.GetRequiredService<LivePluginKinds>().Current, Secrets = provider.GetRequiredService<NamedSecrets>().Current, Reflectors = cluster.Reflectors,
            },
            provider.GetRequiredService<TimeProvider>(), new(cluster.Seed))));
        services.AddSingleton<ClusterRoots>().AddSingleton<IRootStore>(provider => provider.GetRequiredService<ClusterRoots>());
        services.AddSingleton<LeaderLease>().Replace(ServiceDescriptor.Singleton<IReplicas>(provider => provider.GetRequiredService<LeaderLease>()));
        services.AddSingleton<LeaderCalls>().AddSingleton(provider => new KindCatalog(provider.GetRequiredService<ClusterClient>())).AddSingleton<ObjectEvents>();
        services.Replace(ServiceDescriptor.Singleton<IStatusSink, ClusterStatuses>()).Replace(ServiceDescriptor.Singleton<ISecretKeep, ClusterSecrets>());
        services.AddSingleton<Drain>().Replace(ServiceDescriptor.Singleton<IHostLifetime, NoSignals>());
        services.AddHostedService(provider => provider.GetRequiredService<LeaderLease>()).AddHostedService<RootFollower>().AddHostedService<ReplicaReporter>().AddHostedService<PresetMeshConfig>();
    }
}
