using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Tests.Shared;
using Prometheus;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>A replica on a cluster.</summary>
internal sealed partial class RunningControlPlane
{
    /// <summary>Where the API server and agents ask, on a cluster.</summary>
    public Uri WebhookAddress => new(_addresses[3]);

    /// <summary>Starts one and waits until it knows its mesh.</summary>
    public static async Task<RunningControlPlane> StartAsync(TestCluster cluster, string replica, TimeProvider? time = null, Func<ClusterOptions, ClusterOptions>? configure = null, DelegatingHandler? network = null)
    {
        var logs = new RecordedLogs();
        var host = Create(cluster, replica, logs, time, configure, network);
        await host.StartAsync();
        return await ReadyAsync(host, logs);
    }

    /// <summary>A replica that is put together and not started.</summary>
    public static WebApplication Create(TestCluster cluster, string replica, RecordedLogs logs, TimeProvider? time = null, Func<ClusterOptions, ClusterOptions>? configure = null,
        DelegatingHandler? network = null)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        var hasty = new ClusterOptions
        {
            Connection = cluster.Connection, Replica = replica, LeaseRenewal = TimeSpan.FromMilliseconds(200), LeaseDuration = TimeSpan.FromSeconds(20),
            StatusInterval = TimeSpan.FromMilliseconds(50), DrainDelay = TimeSpan.FromMilliseconds(50), DrainSpread = TimeSpan.FromMilliseconds(50), Seed = 1,
            Webhooks = new() { Address = any, EnvoyImage = "envoy:1", InitImage = "osm-init:1", AgentImage = "osm:1", Names = ["localhost"] },
        };
        return ClusterControlPlane.Create(
            options =>
            {
                options.StateDirectory = Path.Combine(cluster.Directory, replica);
                (options.XdsAddress, options.HttpAddress, options.DebugAddress) = (any, any, any);
                options.ReconnectGrace = TimeSpan.FromMilliseconds(300);
            },
            new(), configure?.Invoke(hasty) ?? hasty,
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
                builder.Services.AddSingleton(Metrics.NewCustomRegistry());
                builder.Services.Replace(ServiceDescriptor.Singleton(time ?? TimeProvider.System));
                if (network is not null)
                {
                    builder.Services.Replace(ServiceDescriptor.Singleton(provider => new ClusterClient(
                        new k8s.Kubernetes(cluster.Connection.Configuration, network), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ClusterMetrics>())));
                }
            });
    }
}
