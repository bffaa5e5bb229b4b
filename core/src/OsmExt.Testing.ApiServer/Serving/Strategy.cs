using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>What is the server's in an object and what is its writer's: which fields a writer cannot choose, and what becomes of those it may not touch.</summary>
internal static class Strategy
{
    private static readonly string[] Kept = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"];

    /// <summary>A new object, before anybody was asked about it.</summary>
    public static JsonObject Begin(WriteRequest write, JsonObject sent, string uid, DateTimeOffset now)
    {
        var metadata = sent.Metadata();
        if (metadata.Text("resourceVersion") is { Length: > 0 })
        {
            throw Refusal.BadRequest("resourceVersion should not be set on objects to be created");
        }

        return sent.With(("metadata", metadata.With(
            ("namespace", write.Kind.Namespaced ? write.Namespace : null),
            ("uid", uid),
            ("creationTimestamp", Timestamp(now)),
            ("deletionTimestamp", null),
            ("deletionGracePeriodSeconds", null),
            ("resourceVersion", null),
            ("selfLink", null),
            ("generation", write.Kind.CountsGenerations ? JsonValue.Create(1) : null))),
            ("status", !write.Kind.Has("status") ? sent["status"] : write.Kind.Custom is null ? new JsonObject() : null));
    }

    /// <summary>The next state of an object: what the writer wants, where it is theirs to want.</summary>
    public static JsonObject Next(WriteRequest write, JsonObject current, JsonObject wanted)
    {
        var (before, metadata) = (current.Metadata(), wanted.Metadata().Copy());
        foreach (var field in Kept)
        {
            metadata[field] = before[field]?.DeepClone();
            if (before[field] is null)
            {
                metadata.Remove(field);
            }
        }

        metadata["resourceVersion"] = before["resourceVersion"]?.DeepClone();
        if (before.Text("deletionTimestamp") is not null && metadata.Texts("finalizers").Except(before.Texts("finalizers")).ToArray() is [var added, ..])
        {
            throw Refusal.Invalid(write.Kind.Group, write.Kind.Kind, write.Name, [FieldError.Forbidden(
                "metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{\"{added}\"}}")]);
        }

        if (write.Subresource == "status")
        {
            // Somebody who may only report can neither change what is wanted, nor what an object is called by.
            return current.With(("status", wanted["status"]), ("metadata", before.With(("managedFields", metadata["managedFields"]))));
        }

        var next = wanted.With(("metadata", metadata), ("apiVersion", write.Kind.ApiVersion), ("kind", write.Kind.Kind));
        if (write.Kind.Has("status"))
        {
            next = next.With(("status", current["status"]));
        }

        return write.Kind.CountsGenerations && !JsonNode.DeepEquals(Wanted(current), Wanted(next))
            ? next.WithMetadata(("generation", (before.Number("generation") ?? 0) + 1))
            : next;
    }

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Wanted(JsonObject value) => value.With(("metadata", null), ("status", null));
}
