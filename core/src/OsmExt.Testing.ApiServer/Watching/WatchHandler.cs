using System.Text;
using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Faults;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Watching;

/// <summary>Writes the events of a watch as they happen.</summary>
internal sealed class WatchHandler(ObjectStore store, Watcher watcher, ServerFaults faults, TimeProvider clock)
{
    public async Task ServeAsync(HttpContext context, RequestTarget target, ResponseForm form)
    {
        var request = WatchRequest.Of(target, context.Request.Query);
        using var cut = faults.NewStream(context.RequestAborted);
        try
        {
            await FollowAsync(context, request, form, cut).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cut.IsCut)
        {
            context.Abort();
        }
    }

    private async Task FollowAsync(HttpContext context, WatchRequest request, ResponseForm form, FaultyStream cut)
    {
        var target = request.Target;
        await using var events = watcher.FollowAsync(request, faults.StateOf(store, target), cut.Token).GetAsyncEnumerator(cut.Token);

        // What is wrong with the request shows before the first event; a client waits for the headers of a watch without events, too.
        var next = events.MoveNextAsync().AsTask();
        if (!next.IsCompleted)
        {
            await StartAsync(context, form).ConfigureAwait(false);
        }

        while (await next.ConfigureAwait(false))
        {
            await StartAsync(context, form).ConfigureAwait(false);
            if (faults.Expires(target, cut))
            {
                await WriteAsync(context, new("ERROR", Refusals.Expired("too old resource version: it was forgotten").ToStatus())).ConfigureAwait(false);
                return;
            }

            var current = events.Current;
            var shown = form.Shape == Shape.Object || current.Type is "ERROR" || (current.Type is "BOOKMARK" && form.Shape != Shape.Metadata) ? current
                : new(current.Type, Rendering.One(target.Kind, current.Object, form, context.Request.Query["includeObject"] == "Object", clock.GetUtcNow()));
            await WriteAsync(context, shown).ConfigureAwait(false);
            faults.Count(target, cut);
            next = events.MoveNextAsync().AsTask();
            if (!next.IsCompleted)
            {
                await context.Response.Body.FlushAsync(cut.Token).ConfigureAwait(false);
            }
        }

        await StartAsync(context, form).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext context, WatchEvent happened)
    {
        byte[] line = [.. Encoding.UTF8.GetBytes($$"""{"type":"{{happened.Type}}","object":"""), .. happened.Bytes ?? JsonNodes.Bytes(happened.Object), .. "}\n"u8];
        await context.Response.Body.WriteAsync(line, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task StartAsync(HttpContext context, ResponseForm form)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        context.Response.StatusCode = 200;
        context.Response.ContentType = form.ContentType;
        await context.Response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
