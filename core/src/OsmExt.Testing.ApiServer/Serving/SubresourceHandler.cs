using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Authorization;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Answers what is no view of a stored object: scale, tokens and what they say, evictions, bindings, the end of a namespace.</summary>
internal sealed class SubresourceHandler(ObjectReader reader, ObjectWriter writer, ObjectDeleter deleter, ServiceAccountTokens tokens)
{
    private const int ShortestToken = 600;

    /// <summary>The answer and its code; null when the address is an object's, or a view of one.</summary>
    public async Task<(JsonObject Answer, int Code)?> HandleAsync(HttpContext context, RequestTarget target, WriteRequest write, CancellationToken stop) => (target.Subresource, target.Verb) switch
    {
        ("scale", "get") => (ScaleView.Of(target.Kind, await reader.GetAsync(target, writer.Store.State, stop).ConfigureAwait(false)), 200),
        ("scale", "update" or "patch") => (await ScaleAsync(context, write, stop).ConfigureAwait(false), 200),
        ("", "create") when target.Kind.Kind == "TokenReview" => (await ReviewAsync(context, stop).ConfigureAwait(false), 201),
        ("token", "create") => (await TokenAsync(context, target, stop).ConfigureAwait(false), 201),
        ("eviction", "create") => (await EvictAsync(context, write, stop).ConfigureAwait(false), 201),
        ("binding", "create") => (await BindAsync(context, write, stop).ConfigureAwait(false), 201),
        ("finalize", "update") => (await FinalizeAsync(context, write, stop).ConfigureAwait(false), 200),
        ("scale" or "token" or "eviction" or "binding" or "finalize", _) => throw Refusals.MethodNotAllowed(),
        _ => null,
    };

    private async Task<JsonObject> ScaleAsync(HttpContext context, WriteRequest write, CancellationToken stop)
    {
        var sent = await RequestBody.ReadAsync(context.Request, stop).ConfigureAwait(false);
        var type = RequestBody.MediaType(context.Request);
        var result = await writer.UpdateAsync(write, current =>
        {
            var scale = context.Request.Method == "PUT" ? sent as JsonObject ?? throw Refusal.BadRequest("a Scale is expected")
                : writer.Rules.Patch(write, type, sent, ScaleView.Of(write.Kind, current));
            return ScaleView.Apply(write.Kind, current, scale);
        }, stop).ConfigureAwait(false);
        return ScaleView.Of(write.Kind, result);
    }

    private async Task<JsonObject> TokenAsync(HttpContext context, RequestTarget target, CancellationToken stop)
    {
        var request = await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false);
        var account = await reader.GetAsync(target, writer.Store.State, stop).ConfigureAwait(false);
        var spec = request.Object("spec") ?? [];
        var seconds = spec.Number("expirationSeconds") ?? 3600;
        if (seconds < ShortestToken)
        {
            throw Refusal.Invalid("authentication.k8s.io", "TokenRequest", "", [FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")]);
        }

        string[] audiences = [.. spec.Texts("audiences")];
        audiences = audiences is [] ? [ServiceAccountTokens.Issuer] : audiences;
        var (token, until) = tokens.New(account, audiences, TimeSpan.FromSeconds(seconds), Bound(spec.Object("boundObjectRef"), target));
        return request.With(
            ("apiVersion", "authentication.k8s.io/v1"),
            ("kind", "TokenRequest"),
            ("metadata", new JsonObject { ["name"] = target.Name, ["namespace"] = target.Namespace, ["creationTimestamp"] = Strategy.Timestamp(writer.Now) }),
            ("spec", spec.With(("audiences", new JsonArray([.. audiences.Select(audience => (JsonNode)audience)])), ("expirationSeconds", seconds))),
            ("status", new JsonObject { ["token"] = token, ["expirationTimestamp"] = Strategy.Timestamp(until) }));
    }

    private async Task<JsonObject> ReviewAsync(HttpContext context, CancellationToken stop)
    {
        var review = await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false);
        var spec = review.Object("spec") ?? [];
        string[] audiences = [.. spec.Texts("audiences")];
        audiences = audiences is [] ? [ServiceAccountTokens.Issuer] : audiences;
        var status = tokens.Read(spec.Text("token") ?? "", writer.Store.State) switch
        {
            null => new JsonObject { ["user"] = new JsonObject(), ["error"] = "[invalid bearer token]" },
            { } read when !read.Audiences.Intersect(audiences).Any() => new JsonObject
            {
                ["user"] = new JsonObject(),
                ["error"] = $"[token audiences [{string.Join(" ", read.Audiences)}] is invalid for the target audiences [{string.Join(" ", audiences)}]]",
            },
            { } read => new JsonObject
            {
                ["authenticated"] = true,
                ["user"] = AccessReviews.UserOf(read.Caller),
                ["audiences"] = new JsonArray([.. read.Audiences.Intersect(audiences).Select(audience => (JsonNode)audience)]),
            },
        };
        return review.With(("apiVersion", "authentication.k8s.io/v1"), ("kind", "TokenReview"), ("metadata", review.Metadata().Copy()), ("status", status));
    }

    private JsonObject? Bound(JsonObject? reference, RequestTarget target)
    {
        if (reference is null)
        {
            return null;
        }

        var pods = writer.Store.Kinds.At("", "v1", "pods")!;
        var name = reference.Text("name") ?? "";
        if (reference.Text("kind") != "Pod")
        {
            throw Refusal.Invalid("authentication.k8s.io", "TokenRequest", "", [FieldError.Invalid("spec.boundObjectRef.kind", reference["kind"], "tokens are bound to pods only")]);
        }

        var pod = writer.Store.State.Find(pods.GroupResource, new(target.Namespace, name))?.Object ?? throw Refusals.NotFound(pods, name);
        if (reference.Text("uid") is { Length: > 0 } uid && uid != pod.Uid())
        {
            throw Refusals.Conflict(pods, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        return pod.Object("spec")?.Text("serviceAccountName") == target.Name ? pod
            : throw Refusal.BadRequest($"cannot bind token for serviceaccount \"{target.Name}\" to pod running with different serviceaccount name");
    }

    private async Task<JsonObject> EvictAsync(HttpContext context, WriteRequest write, CancellationToken stop)
    {
        var eviction = await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false);
        var pod = writer.Store.State.Find(write.Kind.GroupResource, write.ObjectName) ?? throw Refusals.NotFound(write.Kind, write.Name);
        foreach (var budget in writer.Store.State.Of(new("policy", "poddisruptionbudgets")).Values.Where(budget => budget.Name.Namespace == write.Namespace))
        {
            if (LabelSelector.Of(budget.Object.Object("spec")?.Object("selector")).Matches(pod.Object) && budget.Object.Object("status")?.Number("disruptionsAllowed") == 0)
            {
                throw new Refusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
                {
                    Causes = [new("DisruptionBudget", $"The disruption budget {budget.Name.Name} does not allow it now", "")],
                };
            }
        }

        await deleter.DeleteAsync(write, DeleteOptions.Of(eviction.Object("deleteOptions"), context.Request.Query), stop).ConfigureAwait(false);
        return new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 };
    }

    private async Task<JsonObject> BindAsync(HttpContext context, WriteRequest write, CancellationToken stop)
    {
        var node = (await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false)).Object("target")?.Text("name") ?? throw Refusal.BadRequest("a binding names a node in target.name");
        await writer.UpdateAsync(write, pod => pod.With(("spec", (pod.Object("spec") ?? []).With(("nodeName", node)))), stop).ConfigureAwait(false);
        return new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 };
    }

    private async Task<JsonObject> FinalizeAsync(HttpContext context, WriteRequest write, CancellationToken stop)
    {
        var sent = await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false);
        var finalizers = sent.Object("spec")?["finalizers"] ?? new JsonArray();
        return await writer.UpdateAsync(write, space => space.With(("spec", (space.Object("spec") ?? []).With(("finalizers", finalizers)))), stop).ConfigureAwait(false);
    }
}
