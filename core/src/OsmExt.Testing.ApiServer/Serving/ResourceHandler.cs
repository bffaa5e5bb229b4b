using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Watching;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Answers what is asked of kinds and objects.</summary>
internal sealed class ResourceHandler(
    ObjectReader reader, ObjectWriter writer, ObjectDeleter deleter, SubresourceHandler subresources, WatchHandler watches, ServerFaults faults, TimeProvider clock)
{
    private static readonly object Made = new();

    // Whose deletion is answered with the object.
    private static readonly HashSet<string> AnsweredWithObjects = new(StringComparer.Ordinal)
    {
        "pods", "services", "serviceaccounts", "persistentvolumes", "persistentvolumeclaims", "podtemplates", "resourcequotas",
        "storageclasses.storage.k8s.io", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io", "volumeattachments.storage.k8s.io",
    };

    public async Task HandleAsync(HttpContext context, RequestTarget target, Caller caller)
    {
        var form = ResponseForm.Of(context.Request);
        var write = WriteRequest.Of(target, caller, context.Request);
        var stop = context.RequestAborted;
        if (await subresources.HandleAsync(context, target, write, stop).ConfigureAwait(false) is { } below)
        {
            await AnswerAsync(context, write, below.Answer, new(Shape.Object, ""), below.Code).ConfigureAwait(false);
            return;
        }

        switch (target.Verb)
        {
            case "watch":
                await watches.ServeAsync(context, target, form).ConfigureAwait(false);
                return;
            case "list":
                await ListAsync(context, target, form, stop).ConfigureAwait(false);
                return;
            case "deletecollection" when target.Subresource.Length == 0:
                await DeleteAllAsync(context, target, write, stop).ConfigureAwait(false);
                return;
            case "delete" when target.Subresource.Length == 0:
                await DeleteAsync(context, write, form, stop).ConfigureAwait(false);
                return;
        }

        var result = target.Verb switch
        {
            "get" when !target.Kind.CreateOnly => await reader.GetAsync(target, faults.StateOf(writer.Store, target), stop).ConfigureAwait(false),
            "create" when target.Name.Length == 0 => await writer.CreateAsync(write, await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false), stop).ConfigureAwait(false),
            "update" => await UpdateAsync(context, write, stop).ConfigureAwait(false),
            "patch" => await PatchAsync(context, write, stop).ConfigureAwait(false),
            _ => throw Refusals.MethodNotAllowed(),
        };
        await AnswerAsync(context, write, result, form, target.Verb == "create" || context.Items.ContainsKey(Made) ? 201 : 200).ConfigureAwait(false);
    }

    private async Task<JsonObject> UpdateAsync(HttpContext context, WriteRequest write, CancellationToken stop)
    {
        var sent = await RequestBody.ReadObjectAsync(context.Request, stop).ConfigureAwait(false);
        return await writer.UpdateAsync(write, _ => sent, stop).ConfigureAwait(false);
    }

    // Server-side apply makes what is not there; a patch changes what is.
    private async Task<JsonObject> PatchAsync(HttpContext context, WriteRequest write, CancellationToken stop)
    {
        var patch = await RequestBody.ReadAsync(context.Request, stop).ConfigureAwait(false);
        if (!write.IsApply)
        {
            return await writer.UpdateAsync(write, Patched, stop).ConfigureAwait(false);
        }

        // What is not there yet is made; when somebody else makes it meanwhile, it is there.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (writer.Store.State.Find(write.Kind.GroupResource, write.ObjectName) is not null || write.Subresource.Length > 0)
                {
                    return await writer.UpdateAsync(write, Patched, stop).ConfigureAwait(false);
                }

                var made = await writer.CreateAsync(write, Patched(null).WithMetadata(("name", write.Name)), stop).ConfigureAwait(false);
                context.Items[Made] = true;
                return made;
            }
            catch (Refusal refusal) when (attempt < 3 && refusal.Reason is "AlreadyExists" or "NotFound" && write.Subresource.Length == 0)
            {
            }
        }

        JsonObject Patched(JsonObject? current) => writer.Rules.Patch(write, RequestBody.MediaType(context.Request), patch, current);
    }

    private async Task DeleteAsync(HttpContext context, WriteRequest write, ResponseForm form, CancellationToken stop)
    {
        var options = DeleteOptions.Of(await RequestBody.ReadAsync(context.Request, stop).ConfigureAwait(false) as JsonObject, context.Request.Query);
        var (value, gone) = await deleter.DeleteAsync(write, options, stop).ConfigureAwait(false);
        var answer = !gone || AnsweredWithObjects.Contains(write.Kind.GroupResource.ToString()) ? value : new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = new JsonObject { ["name"] = write.Name, ["group"] = write.Kind.Group, ["kind"] = write.Kind.Plural, ["uid"] = value.Uid() },
        };
        await AnswerAsync(context, write, answer, ReferenceEquals(answer, value) ? form : new(Shape.Object, ""), 200).ConfigureAwait(false);
    }

    private async Task DeleteAllAsync(HttpContext context, RequestTarget target, WriteRequest write, CancellationToken stop)
    {
        var options = DeleteOptions.Of(await RequestBody.ReadAsync(context.Request, stop).ConfigureAwait(false) as JsonObject, context.Request.Query);
        var selection = Selection.Of(target, context.Request.Query["labelSelector"], context.Request.Query["fieldSelector"]);
        var items = new List<JsonObject>();
        foreach (var stored in writer.Store.State.Of(target.Kind.GroupResource).Values.Where(selection.Includes))
        {
            try
            {
                items.Add((await deleter.DeleteAsync(write with { Namespace = stored.Name.Namespace, Name = stored.Name.Name }, options, stop).ConfigureAwait(false)).Object);
            }
            catch (Refusal refusal) when (refusal.Code == 404)
            {
                // Somebody else was faster.
            }
        }

        var list = Rendering.Many(target.Kind, items, new(writer.Store.State.Revision), new(Shape.Object, ""), withObjects: false, clock.GetUtcNow());
        await AnswerAsync(context, write, list, new(Shape.Object, ""), 200).ConfigureAwait(false);
    }

    private async Task ListAsync(HttpContext context, RequestTarget target, ResponseForm form, CancellationToken stop)
    {
        if (target.Kind.CreateOnly)
        {
            throw Refusals.MethodNotAllowed();
        }

        var (items, metadata) = reader.List(target, context.Request.Query, faults.StateOf(writer.Store, target));
        if (form.Shape == Shape.Object && items.All(item => item.Object.Text("apiVersion") == target.Kind.ApiVersion))
        {
            await JsonResponse.WriteAsync(context, 200, Rendering.List(target.Kind, items, metadata), form.ContentType).ConfigureAwait(false);
            return;
        }

        var served = await reader.ServedFormsAsync(target.Kind, items, stop).ConfigureAwait(false);
        await JsonResponse.WriteAsync(context, 200, Rendering.Many(target.Kind, served, metadata, form, WithObjects(context), clock.GetUtcNow()), form.ContentType).ConfigureAwait(false);
    }

    private Task AnswerAsync(HttpContext context, WriteRequest write, JsonObject value, ResponseForm form, int code)
    {
        foreach (var warning in write.Warnings.Distinct(StringComparer.Ordinal))
        {
            context.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }

        return JsonResponse.WriteAsync(context, code, Rendering.One(write.Kind, value, form, WithObjects(context), clock.GetUtcNow()), form.ContentType);
    }

    private static bool WithObjects(HttpContext context) => context.Request.Query["includeObject"] == "Object";
}
