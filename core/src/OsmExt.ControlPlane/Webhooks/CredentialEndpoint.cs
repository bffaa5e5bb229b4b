using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.Identity;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary><c>POST /credentials</c>: a token as bearer, <c>{"request": PKCS #10 in base 64}</c> as body. So many are looked at at a time; the others are told to come back.</summary>
internal sealed class CredentialEndpoint(CredentialIssuer issuer, TimeProvider time) : IDisposable
{
    private const long MostBytes = 16 << 10;
    private const int AtATime = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _places = new(AtATime);

    public void Dispose() => _places.Dispose();

    public Task AnswerAsync(HttpContext context)
        => context.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.Ordinal)
            ? WebhookEndpoints.AnswerAsync(context, MostBytes, question => IssueAsync(context, header["Bearer ".Length..].Trim(), question))
            : WebhookEndpoints.RefuseAsync(context, StatusCodes.Status401Unauthorized, "a token of a pod's is required");

    private async Task<(JsonObject? Answer, string? Problem)> IssueAsync(HttpContext context, string token, JsonNode? question)
    {
        var request = new byte[SigningRequest.MaxBytes];
        if (!Convert.TryFromBase64String(PodObject.Text(question, "request"), request, out var length) || length == 0)
        {
            return (null, "request is no text in base 64 of at most 4096 bytes");
        }

        var answer = await IssueInTurnAsync(token, request[..length], context).ConfigureAwait(false);
        if (answer.Credential is { } credential)
        {
            return (credential.ToJson(), null);
        }

        context.Response.StatusCode = (int)answer.Status;
        if (answer.Status == HttpStatusCode.ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
        }

        return (new() { ["reason"] = answer.Reason }, null);
    }

    private async Task<CredentialAnswer> IssueInTurnAsync(string token, byte[] request, HttpContext context)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        try
        {
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return CredentialAnswer.Later("too many ask at once");
        }

        try
        {
            return await issuer.IssueAsync(token, request, context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }
}
