using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Pods;

/// <summary>Does for pods what the API server asks of kubelets: logs, and connections to ports over a WebSocket.</summary>
internal sealed class PodRelay(ObjectStore store, IPodEndpoints? pods)
{
    private const string Protocol = "v4.channel.k8s.io";

    public async Task HandleAsync(HttpContext context, PodRequest request)
    {
        var pod = store.State.Find(new("", "pods"), new(request.Namespace, request.Pod))?.Object
            ?? throw new Refusal(404, "NotFound", $"pods \"{request.Pod}\" not found");
        if (pods is null)
        {
            throw new Refusal(501, "NotImplemented", "no pods run behind this API server");
        }

        if (request.Subresource == "log")
        {
            var container = context.Request.Query["container"].FirstOrDefault() ?? (string?)pod["spec"]?["containers"]?[0]?["name"] ?? "";
            var log = pods.LogOf(request.Namespace, request.Pod, container, context.Request.Query["previous"].ToString() is "true" or "1")
                ?? throw Refusal.BadRequest($"container \"{container}\" in pod \"{request.Pod}\" has no log");
            await JsonResponse.WriteAsync(context, 200, Encoding.UTF8.GetBytes(Tail(log, context.Request.Query["tailLines"])), "text/plain").ConfigureAwait(false);
            return;
        }

        await ForwardAsync(context, request, pods).ConfigureAwait(false);
    }

    private static string Tail(string log, string? lines)
    {
        var start = log.Length;
        for (var left = uint.TryParse(lines, CultureInfo.InvariantCulture, out var wanted) ? wanted : uint.MaxValue; left > 0 && start > 0; left--)
        {
            start = start > 1 ? log.LastIndexOf('\n', start - 2) + 1 : 0;
        }

        return log[start..];
    }

    private static async Task ForwardAsync(HttpContext context, PodRequest request, IPodEndpoints pods)
    {
        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol))
        {
            throw Refusal.BadRequest($"ports of pods are reached over a WebSocket with the protocol {Protocol} here, and not otherwise");
        }

        var ports = PodRequest.Ports(context.Request) ?? throw Refusal.BadRequest("query parameter \"ports\" is required and has to be port numbers");
        using var socket = await context.WebSockets.AcceptWebSocketAsync(Protocol).ConfigureAwait(false);
        using var channels = new PortChannels(socket);
        await channels.RunAsync(
            [.. ports.Select(port => (port, pods.PortOf(request.Namespace, request.Pod, port)))], $"{request.Namespace}/{request.Pod}", context.RequestAborted).ConfigureAwait(false);
    }
}
