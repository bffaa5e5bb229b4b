using System.Text;
using System.Text.Json.Nodes;
using OsmExt.PluginHost.Cel;
using OsmExt.Testing.ApiServer.Patches;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Admission;

/// <summary>Asks the webhooks that configurations name about each write: first those that may change the object, one after the other, and later those that may only refuse, all at once.</summary>
/// <param name="convert">Makes an object one of another version of its kind.</param>
internal sealed class Webhooks(WebhookClient client, Func<string> newUid, Func<KindTable> kinds, Func<ResourceKind, JsonObject, CancellationToken, Task<JsonObject>> convert)
{
    /// <summary>The object with what mutating webhooks changed.</summary>
    /// <exception cref="Refusal">One refused, or could not be asked and must be.</exception>
    public async Task<JsonObject> MutateAsync(WriteRequest write, JsonObject? old, JsonObject value, StoreState state, CancellationToken stop)
    {
        var again = new List<(Webhook Webhook, JsonObject Seen)>();
        foreach (var webhook in Webhook.All("mutatingwebhookconfigurations", state))
        {
            if (await AskAsync(webhook, new(write, write.Kind, value, old), state, stop).ConfigureAwait(false) is { } changed)
            {
                value = changed;
                if (webhook.IsReinvoked)
                {
                    again.Add((webhook, value));
                }
            }
        }

        foreach (var (webhook, seen) in again)
        {
            if (!JsonNode.DeepEquals(seen, value))
            {
                value = await AskAsync(webhook, new(write, write.Kind, value, old), state, stop).ConfigureAwait(false) ?? value;
            }
        }

        return value;
    }

    /// <exception cref="Refusal">One refused, or could not be asked and must be.</exception>
    public Task ReviewAsync(WriteRequest write, JsonObject? old, JsonObject? value, StoreState state, CancellationToken stop)
    {
        var webhooks = Webhook.All("validatingwebhookconfigurations", state);

        // Objects made from text are read when first touched, and these are touched by many at once.
        return webhooks.Count == 0 ? Task.CompletedTask : AllAsync(new(write, write.Kind, value?.Copy(), old?.Copy()));

        Task AllAsync(AdmissionRequest request) => Task.WhenAll(webhooks.Select(webhook => AskAsync(webhook, request, state, stop)));
    }

    // The object as the webhook leaves it; null when it was not asked.
    private async Task<JsonObject?> AskAsync(Webhook webhook, AdmissionRequest request, StoreState state, CancellationToken stop)
    {
        if (WebhookMatch.Wanted(webhook, request, kinds()) is not { } wanted || !WebhookMatch.Selects(webhook, request, state))
        {
            return null;
        }

        try
        {
            var uid = newUid();
            var asked = wanted == request.Kind ? request : request with { Kind = wanted, Object = await InAsync(wanted, request.Object, stop).ConfigureAwait(false), Old = await InAsync(wanted, request.Old, stop).ConfigureAwait(false) };
            if (!WebhookMatch.Holds(webhook, asked, uid))
            {
                return null;
            }

            if (request.Write.DryRun && !webhook.MayDryRun)
            {
                throw Refusal.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run");
            }

            var answer = await client.AskAsync(webhook.ClientConfig, asked.ToReview(uid), webhook.Timeout, stop).ConfigureAwait(false);
            var left = Judged(webhook, asked, uid, answer);
            return left is null || wanted == request.Kind ? left : await convert(request.Kind, left, stop).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is WebhookFailure or CelException)
        {
            if (webhook.IgnoresFailure)
            {
                return null;
            }

            throw Refusals.Failed($"failed calling webhook \"{webhook.Name}\": {(failure is CelException ? "match conditions cannot be worked out" : "failed to call webhook")}: {failure.Message}");
        }
    }

    private async Task<JsonObject?> InAsync(ResourceKind kind, JsonObject? value, CancellationToken stop) => value is null ? null : await convert(kind, value, stop).ConfigureAwait(false);

    private static JsonObject? Judged(Webhook webhook, AdmissionRequest request, string uid, JsonObject answer)
    {
        if (answer.Text("kind") != "AdmissionReview" || answer.Text("apiVersion") != "admission.k8s.io/v1" || answer.Object("response") is not { } response)
        {
            throw new WebhookFailure("received invalid webhook response: expected an AdmissionReview of admission.k8s.io/v1 with a response");
        }

        if (response.Text("uid") != uid)
        {
            throw new WebhookFailure($"received invalid webhook response: expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
        }

        lock (request.Write.Warnings)
        {
            request.Write.Warnings.AddRange(response.Texts("warnings"));
        }

        if (!response.Flag("allowed"))
        {
            throw Denied(webhook, response.Object("status") ?? []);
        }

        return response.Text("patch") is { Length: > 0 } patch && request.Object is not null ? Patched(webhook, request.Object, response, patch) : request.Object;
    }

    private static JsonObject Patched(Webhook webhook, JsonObject value, JsonObject response, string patch)
    {
        if (response.Text("patchType") != "JSONPatch")
        {
            throw new WebhookFailure("received invalid webhook response: expected response.patchType=JSONPatch");
        }

        try
        {
            return JsonPatch.Apply(value, JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(patch)))) as JsonObject ?? throw new WebhookFailure("the patch leaves no object");
        }
        catch (Exception failure) when (failure is Refusal or FormatException or System.Text.Json.JsonException)
        {
            throw new WebhookFailure($"the patch of {webhook.Name} cannot be applied: {((failure as Refusal)?.Causes is [var cause, ..] ? cause.Message : failure.Message)}");
        }
    }

    private static Refusal Denied(Webhook webhook, JsonObject status)
    {
        var code = (int)(status.Number("code") ?? 403);
        var why = status.Text("message") is { Length: > 0 } message ? $" the request: {message}" : status.Text("reason") is { Length: > 0 } reason ? $" the request: {reason}" : " the request without explanation";
        return new(code is >= 400 and < 600 ? code : 403, status.Text("reason") is { Length: > 0 } word ? word : "Forbidden", $"admission webhook \"{webhook.Name}\" denied{why}")
        {
            Causes = [.. (status.Object("details")?.Objects("causes") ?? []).Select(cause => new Cause(cause.Text("reason") ?? "", cause.Text("message") ?? "", cause.Text("field") ?? ""))],
        };
    }
}
