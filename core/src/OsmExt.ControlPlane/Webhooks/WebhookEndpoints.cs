using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OsmExt.ControlPlane.Http;
using OsmExt.Kubernetes.Admission;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>Port 9090: what the API server asks, and what agents ask. Sizes and depths are bounded before anything is made of them.</summary>
internal static class WebhookEndpoints
{
    /// <summary>An object has at most 1.5 MiB in a cluster, and a question holds it twice.</summary>
    public const long MostAdmissionBytes = 4 << 20;

    /// <summary>A list is converted in one question.</summary>
    public const long MostConversionBytes = 64 << 20;

    private const int Deepest = 64;

    public static void MapWebhooks(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").RequirePort(ListenerPort.Webhooks);
        group.MapGet("/healthz", () => Results.Text("ok\n"));
        group.MapPost("/mutate-pod-creation", (HttpContext context, PodReview review) => AdmitAsync(context, (request, _) => Task.FromResult(review.Answer(request))));
        group.MapPost("/validate", (HttpContext context, ObjectReview review) => AdmitAsync(context, review.AnswerAsync));
        group.MapPost("/convert", ConvertAsync);
        group.MapPost("/credentials", (HttpContext context, CredentialEndpoint endpoint) => endpoint.AnswerAsync(context));
    }

    private static Task ConvertAsync(HttpContext context) => AnswerAsync(context, MostConversionBytes, question => Task.FromResult(ConversionReview.Answer(question)));

    private static Task AdmitAsync(HttpContext context, Func<AdmissionRequest, CancellationToken, Task<JsonObject>> answer)
        => AnswerAsync(context, MostAdmissionBytes, async question =>
        {
            var (request, problem) = AdmissionRequest.Read(question);
            return (request is null ? null : await answer(request, context.RequestAborted).ConfigureAwait(false), problem);
        });

    /// <summary>Reads a question as JSON and writes the answer; whatever is wrong with the question is told in a line.</summary>
    public static async Task AnswerAsync(HttpContext context, long most, Func<JsonNode?, Task<(JsonObject? Answer, string? Problem)>> answer)
    {
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "the content type must be application/json").ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }

        JsonNode? question;
        try
        {
            question = await JsonNode.ParseAsync(context.Request.Body, documentOptions: new() { MaxDepth = Deepest, AllowDuplicateProperties = false }, cancellationToken: context.RequestAborted)
                .ConfigureAwait(false);
        }
        catch (JsonException failure)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"the body is not JSON that can be read: {failure.Message}").ConfigureAwait(false);
            return;
        }
        catch (BadHttpRequestException failure)
        {
            await RefuseAsync(context, failure.StatusCode, failure.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"the body is longer than {most} bytes" : "the body cannot be read")
                .ConfigureAwait(false);
            return;
        }

        var (found, problem) = await answer(question).ConfigureAwait(false);
        if (found is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, problem!).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(found.ToJsonString(), context.RequestAborted).ConfigureAwait(false);
    }

    public static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{reason}\n", context.RequestAborted);
    }
}
