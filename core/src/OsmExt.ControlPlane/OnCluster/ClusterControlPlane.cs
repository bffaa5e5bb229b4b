using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.Identity.Roots;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Sdk.Resources;
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
        => ControlPlaneHost.Create(
            options =>
            {
                configure(options);
                (options.IsOnCluster, options.Config) = (true, []);
                options.ShutdownTimeout = cluster.DrainDelay + options.ShutdownTimeout;
            },
            compiler,
            builder =>
            {
                builder.Services.AddCluster(cluster);
                customize?.Invoke(builder);
            });

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
        services.AddHostedService(provider => provider.GetRequiredService<LeaderLease>()).AddHostedService<RootFollower>();
    }
}
