using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>What somebody who deletes says.</summary>
internal sealed record DeleteOptions(string? Uid, string? ResourceVersion, string Propagation, long? GraceSeconds)
{
    public static DeleteOptions Of(JsonObject? body, Microsoft.AspNetCore.Http.IQueryCollection query)
    {
        var preconditions = body?.Object("preconditions");
        var propagation = body?.Text("propagationPolicy") ?? (query["propagationPolicy"].ToString() is { Length: > 0 } asked ? asked : null);
        var grace = body?.Number("gracePeriodSeconds") ?? (long.TryParse(query["gracePeriodSeconds"], out var seconds) ? seconds : null);
        return new(preconditions?.Text("uid"), preconditions?.Text("resourceVersion"), propagation ?? (body?.Flag("orphanDependents") == true ? "Orphan" : "Background"), grace);
    }
}

/// <summary>Deletes objects: at once, or, while somebody has to do something first, by marking them.</summary>
internal sealed class ObjectDeleter(ObjectWriter writer)
{
    private const int Tries = 20;

    /// <summary>The object as it is now, or was at its end; and whether it is gone.</summary>
    public async Task<(JsonObject Object, bool Gone)> DeleteAsync(WriteRequest write, DeleteOptions options, CancellationToken stop)
    {
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            var seen = writer.Store.State.Find(write.Kind.GroupResource, write.ObjectName) ?? throw Refusals.NotFound(write.Kind, write.Name);
            RequireSame(write, seen.Object, options);
            var current = await writer.ServedFormAsync(write.Kind, seen, stop).ConfigureAwait(false);
            await writer.Rules.ReviewAsync(write, current, null, writer.Store.State, stop).ConfigureAwait(false);
            var marked = Marked(write.Kind, seen.Object, options, writer.Now);
            if (write.DryRun)
            {
                return (current, marked is null);
            }

            if (JsonNode.DeepEquals(marked, seen.Object))
            {
                return (current, false);
            }

            var done = marked is null ? writer.Store.Delete(seen) : writer.Store.Put(seen.Resource, seen.Name, seen, marked);
            if (done is not null)
            {
                return (await writer.ServedFormAsync(write.Kind, done, stop).ConfigureAwait(false), marked is null);
            }
        }

        throw Refusals.Changed(write.Kind, write.Name);
    }

    // Null when nobody has to be waited for.
    private static JsonObject? Marked(ResourceKind kind, JsonObject value, DeleteOptions options, DateTimeOffset now)
    {
        var metadata = value.Metadata().Copy();
        var finalizers = metadata.Texts("finalizers").ToList();
        var already = metadata.Text("deletionTimestamp") is not null;
        if (!already && options.Propagation is "Foreground" or "Orphan")
        {
            finalizers.Add(options.Propagation == "Foreground" ? "foregroundDeletion" : "orphan");
            metadata["finalizers"] = new JsonArray([.. finalizers.Distinct(StringComparer.Ordinal).Select(name => JsonValue.Create(name))]);
        }

        var grace = Grace(kind, value, options);
        var space = kind.GroupResource == new GroupResource("", "namespaces");
        if (finalizers.Count == 0 && grace == 0 && !(space && value.Object("spec")?.List("finalizers") is { Count: > 0 }))
        {
            return null;
        }

        if (!already || grace < (metadata.Number("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionTimestamp"] = Strategy.Timestamp(now.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            if (kind.CountsGenerations)
            {
                metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
            }
        }

        return space ? value.With(("metadata", metadata), ("status", (value.Object("status") ?? []).With(("phase", "Terminating")))) : value.With(("metadata", metadata));
    }

    // Pods that run somewhere end when whoever runs them says so.
    private static long Grace(ResourceKind kind, JsonObject value, DeleteOptions options)
    {
        if (kind.GroupResource != new GroupResource("", "pods") || value.Object("spec")?.Text("nodeName") is not { Length: > 0 }
            || value.Object("status")?.Text("phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        return options.GraceSeconds ?? value.Object("spec")?.Number("terminationGracePeriodSeconds") ?? 30;
    }

    private static void RequireSame(WriteRequest write, JsonObject value, DeleteOptions options)
    {
        var metadata = value.Metadata();
        if (options.Uid is { } uid && uid != metadata.Text("uid"))
        {
            throw Refusals.Conflict(write.Kind, write.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata.Text("uid")}");
        }

        if (options.ResourceVersion is { } version && version != metadata.Text("resourceVersion"))
        {
            throw Refusals.Conflict(
                write.Kind, write.Name, $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {metadata.Text("resourceVersion")}");
        }
    }
}
