using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Apply;

/// <summary>What kubectl wrote down of its last apply by the client: so that those who go over to server-side apply are not in conflict with themselves.</summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Owner = "kubectl";

    /// <summary>The fields that kubectl applied and that are still as it did; empty for others, and when it did not.</summary>
    public static FieldTree Fields(JsonObject? live, Structure structure, string owner)
    {
        if (owner != Owner || Of(live) is not { } applied)
        {
            return FieldTree.Empty;
        }

        var changes = FieldChanges.Between(live, applied, structure);
        return FieldsOf.Value(applied, structure).Except(changes.Written);
    }

    /// <summary>The object with the note of what is applied now, where there was one: the client may go back.</summary>
    public static JsonObject Noted(JsonObject value, JsonObject? live, JsonObject applied, string owner)
    {
        if (owner != Owner || Of(live) is null)
        {
            return value;
        }

        var note = applied.DeepClone().AsObject();
        (note["metadata"]?["annotations"] as JsonObject)?.Remove(Annotation);
        var result = value.DeepClone().AsObject();
        if (result["metadata"] is JsonObject metadata)
        {
            var annotations = metadata["annotations"] as JsonObject ?? [];
            annotations[Annotation] = note.ToJsonString() + "\n";
            if (annotations.Parent is null)
            {
                metadata["annotations"] = annotations;
            }
        }

        return result;
    }

    private static JsonObject? Of(JsonObject? live)
    {
        try
        {
            return live?["metadata"]?["annotations"]?[Annotation] is JsonValue value && value.TryGetValue<string>(out var text) ? JsonNode.Parse(text) as JsonObject : null;
        }
        catch (JsonException)
        {
            // Anybody may write into an annotation.
            return null;
        }
    }
}
