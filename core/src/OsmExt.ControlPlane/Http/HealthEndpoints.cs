using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost;
using OsmExt.Sdk.Plugins;
using Prometheus;

namespace OsmExt.ControlPlane.Http;

/// <summary>Port 9091: whether the process lives, whether it can serve proxies, its version and its metrics.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").RequirePort(ListenerPort.Http);
        group.MapGet("/health/alive", () => Results.Text("Service is alive\n"));
        group.MapGet("/health/ready", (MeshPipeline pipeline, PluginsInForce plugins, Readiness readiness) => NotReady(pipeline, plugins, readiness) is { } reason
            ? Results.Text($"{reason}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("Service is ready\n"));
        group.MapGet("/version", () => Results.Json(new { version = Build.Version, commit = Build.Commit }));
        group.MapGet("/smi/version", () => Results.Json(SmiVersions));
        // Read when somebody asks; nobody else needs it.
        endpoints.ServiceProvider.GetRequiredService<LagMetrics>();
        group.MapMetrics("/metrics", endpoints.ServiceProvider.GetRequiredService<CollectorRegistry>());
    }

    private static string? NotReady(MeshPipeline pipeline, PluginsInForce plugins, Readiness readiness)
    {
        if (readiness.IsDraining)
        {
            return "This replica is about to stop";
        }

        if (readiness.AwaitsWebhooks)
        {
            return "The API server does not know yet by which roots it knows the webhooks";
        }

        if (pipeline.State is null)
        {
            return "The objects have not been read completely yet";
        }

        var unhealthy = plugins.Current.Plugins.SelectMany(plugin => plugin.Services.All.Select(run => (Plugin: plugin.Id, Run: run)))
            .FirstOrDefault(entry => entry.Run is { Declaration.IsPartOfReadiness: true, Status.Health: ServiceHealth.Unhealthy });
        return unhealthy.Run is { } service ? $"Service {service.Declaration.Name} of plugin {unhealthy.Plugin} is unhealthy: {service.Status.Sentence}" : null;
    }

    private static readonly Dictionary<string, string> SmiVersions = new(StringComparer.Ordinal)
    {
        ["TrafficTarget"] = "access.smi-spec.io/v1alpha3",
        ["HTTPRouteGroup"] = "specs.smi-spec.io/v1alpha4",
        ["TCPRoute"] = "specs.smi-spec.io/v1alpha4",
        ["TrafficSplit"] = "split.smi-spec.io/v1alpha2",
    };
}
