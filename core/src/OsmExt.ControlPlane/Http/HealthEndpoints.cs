using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.ControlPlane.Pipeline;
using Prometheus;

namespace OsmExt.ControlPlane.Http;

/// <summary>Port 9091: whether the process lives, whether it can serve proxies, its version and its metrics.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").RequirePort(ListenerPort.Http);
        group.MapGet("/health/alive", () => Results.Text("Service is alive\n"));
        group.MapGet("/health/ready", (MeshPipeline pipeline) => pipeline.State is not null
            ? Results.Text("Service is ready\n")
            : Results.Text("The manifests have not been read completely yet\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        group.MapGet("/version", () => Results.Json(new { version = Build.Version, commit = Build.Commit }));
        group.MapGet("/smi/version", () => Results.Json(SmiVersions));
        group.MapMetrics("/metrics", endpoints.ServiceProvider.GetRequiredService<CollectorRegistry>());
    }

    private static readonly Dictionary<string, string> SmiVersions = new(StringComparer.Ordinal)
    {
        ["TrafficTarget"] = "access.smi-spec.io/v1alpha3",
        ["HTTPRouteGroup"] = "specs.smi-spec.io/v1alpha4",
        ["TCPRoute"] = "specs.smi-spec.io/v1alpha4",
        ["TrafficSplit"] = "split.smi-spec.io/v1alpha2",
    };
}
