using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Watching;

/// <summary>One event of a watch. The bytes are those of the object, where they were written before.</summary>
internal sealed record WatchEvent(string Type, JsonObject Object, byte[]? Bytes = null);

/// <summary>Makes events of changes: those a watcher would see who sees only what it selects.</summary>
internal static class WatchEvents
{
    public const string InitialEventsEnd = "k8s.io/initial-events-end";

    /// <summary>The event of a change, and the stored object it shows; null when the watcher sees nothing of it.</summary>
    public static (string Type, StoredObject Shown)? Of(Change change, GroupResource resource, Selection selection)
    {
        if (change.Resource != resource)
        {
            return null;
        }

        var was = change.Before is { } before && selection.Includes(before);
        var isNow = !change.Deleted && selection.Includes(change.After);
        return (was, isNow) switch
        {
            (false, true) => ("ADDED", change.After),
            (true, true) => ("MODIFIED", change.After),

            // What leaves a selection is shown as it was last in it, at the revision it left.
            (true, false) => ("DELETED", change.Deleted ? change.After : change.Before! with { Object = Renumbered(change.Before!.Object, change.Revision) }),
            _ => null,
        };
    }

    public static WatchEvent Bookmark(ResourceKind kind, long revision, bool initialEventsEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (initialEventsEnd)
        {
            metadata["annotations"] = new JsonObject { [InitialEventsEnd] = "true" };
        }

        return new("BOOKMARK", new() { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = metadata });
    }

    private static JsonObject Renumbered(JsonObject value, long revision) => value.WithMetadata(("resourceVersion", revision.ToString(CultureInfo.InvariantCulture)));
}
