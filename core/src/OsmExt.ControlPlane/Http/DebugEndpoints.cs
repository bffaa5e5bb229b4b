using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Roots;
using OsmExt.ControlPlane.Reporting;
using OsmExt.ControlPlane.Serving;
using OsmExt.Identity;
using OsmExt.PluginHost;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Http;

/// <summary>
/// Port 9092, on loopback: the proxies, what each has been sent and has acknowledged or refused, the configuration behind it
/// with secrets redacted, and everything found wrong.
/// </summary>
internal static class DebugEndpoints
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void MapDebug(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/debug").RequirePort(ListenerPort.Debug);
        group.MapGet("", () => Json(new JsonArray(
            "/debug/proxies", "/debug/proxies/NAMESPACE/POD", "/debug/config/NAMESPACE/POD",
            "/debug/diagnostics", "/debug/certificates", "/debug/convergence", "/debug/plugins", "/debug/status", "/debug/receipts/REVISION")));
        group.MapGet("/proxies", (StreamRegistry streams, TimeProvider time) => Json(new JsonArray([.. streams.Describe().Select(stream => ProxyView.Summary(stream, time))])));
        group.MapGet("/proxies/{ns}/{pod}", (string ns, string pod, StreamRegistry streams, TimeProvider time) =>
            Json(new JsonArray([.. streams.Describe($"{ns}/{pod}").Select(stream => ProxyView.Detail(stream, time))])));
        group.MapGet("/config/{ns}/{pod}", ConfigAsync);
        group.MapGet("/diagnostics", async (MeshPipeline pipeline, CancellationToken cancellation) =>
            Json(MeshDocument.Of(await pipeline.DiagnosticsAsync(cancellation).ConfigureAwait(false))));
        group.MapGet("/certificates", async (MeshPipeline pipeline, RootRotation rotation, MeshRoots roots, CancellationToken cancellation) =>
            Json(await pipeline.AskAsync(state => RootStatusView.Of(rotation.Status(state), roots), cancellation).ConfigureAwait(false)));
        group.MapGet("/plugins", async (MeshPipeline pipeline, PluginReport report, PluginsInForce plugins, PluginRollouts rollouts, GatewaySecrets secrets, CancellationToken cancellation) =>
            Json(await pipeline.AskAsync(state => PluginView.Of(plugins.Current, report.Of(state, pipeline.Diagnostics(state)), rollouts.All, secrets.Kept), cancellation).ConfigureAwait(false)));
        group.MapGet("/status", async (MeshPipeline pipeline, StatusReview review, CancellationToken cancellation) =>
            Json(await pipeline.AskAsync(state => StatusDocument.Of(review.Of(state, pipeline.Diagnostics(state))), cancellation).ConfigureAwait(false)));
        group.MapReceipts();
        group.MapGet("/convergence", (ConvergenceLog log) => Json(new JsonArray([.. log.Latest.Select(entry => (JsonNode)new JsonObject
        {
            ["revision"] = entry.Revision,
            ["lane"] = ChangeMetrics.Label(entry.Kind),
            ["milliseconds"] = Math.Round(entry.Elapsed.TotalMilliseconds, 1),
            ["streams"] = entry.Streams,
            ["at"] = entry.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        })])));
    }

    private static async Task<IResult> ConfigAsync(
        string ns, string pod, MeshPipeline pipeline, ConnectedProxies proxies, SnapshotCache cache, CancellationToken cancellation)
    {
        var scope = await pipeline.AskAsync(_ => proxies.ScopeOf($"{ns}/{pod}"), cancellation).ConfigureAwait(false);
        if (scope is null || cache.Get(scope) is not { } snapshot)
        {
            return Results.Text($"no proxy of pod {ns}/{pod} is connected\n", statusCode: StatusCodes.Status404NotFound);
        }

        var document = MeshDocument.Of(snapshot.TypeUrls.SelectMany(type => snapshot.InOrder(type)));
        document.Insert(0, "scope", Describe(scope));
        return Json(document);
    }

    private static JsonObject Describe(ProxyScope scope) => new()
    {
        ["identity"] = scope.Identity.SpiffeId,
        ["services"] = new JsonArray([.. scope.Services.Select(service => (JsonNode)service.ToString())]),
        ["envoy_version"] = scope.Capabilities.Version,
        ["embedded"] = scope.Capabilities.IsEmbedded,
        ["extensions"] = new JsonArray([.. scope.Capabilities.TypeUrls.Order(StringComparer.Ordinal).Select(type => (JsonNode)type)]),
        ["workload"] = $"{scope.Workload.Kind}/{scope.Workload.Name}",
    };

    private static IResult Json(JsonNode node) => Results.Text(node.ToJsonString(Indented) + "\n", "application/json");
}
