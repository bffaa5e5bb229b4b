using Envoy.Service.Status.V3;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OsmExt.Envoy;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Http;

/// <summary>
/// The client status discovery service over HTTP, as its definition maps it: on the debug port, to whoever reaches that, who sees as
/// much on its other pages.
/// </summary>
internal static class StatusEndpoint
{
    private const long MaxRequestBytes = 64 * 1024;

    public static void MapClientStatus(this IEndpointRouteBuilder endpoints)
        => endpoints.MapPost("/v3/discovery:client_status", AnswerAsync).RequirePort(ListenerPort.Debug);

    private static async Task<IResult> AnswerAsync(HttpContext context, ClientStatusService service)
    {
        if (context.Request.ContentLength is null or > MaxRequestBytes)
        {
            return Results.Text($"a request says its length, of at most {MaxRequestBytes} bytes\n", statusCode: StatusCodes.Status413PayloadTooLarge);
        }

        using var reader = new StreamReader(context.Request.Body);
        var read = EnvoyReader.Read(await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false), ClientStatusRequest.Descriptor);
        if (read.Message is not ClientStatusRequest request)
        {
            return Results.Text(string.Join('\n', read.Problems) + "\n", statusCode: StatusCodes.Status400BadRequest);
        }

        try
        {
            var response = await service.AnswerAsync(request, StatusReader.OfAll, context.RequestAborted).ConfigureAwait(false);
            return Results.Text(EnvoyJson.ToJson(response) + "\n", "application/json");
        }
        catch (RpcException refused)
        {
            return Results.Text($"{refused.Status.Detail}\n", statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
