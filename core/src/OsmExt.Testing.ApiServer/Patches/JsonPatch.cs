using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Patches;

/// <summary>JSON patches (RFC 6902). What cannot be carried out changes nothing, and is refused as Kubernetes does: with 422.</summary>
internal static class JsonPatch
{
    public const int MaxOperations = 10_000;

    /// <param name="document">What is patched; stays as it is.</param>
    /// <param name="patch">The operations.</param>
    /// <exception cref="Refusal">The patch cannot be read (400), or cannot be carried out (422).</exception>
    public static JsonNode? Apply(JsonNode? document, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            throw Refusal.BadRequest("error decoding patch: a JSON patch is a list of operations");
        }

        if (operations.Count > MaxOperations)
        {
            throw new Refusal(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}");
        }

        var result = document?.DeepClone();
        foreach (var operation in operations)
        {
            result = Done(result, operation as JsonObject ?? throw Refusal.BadRequest("error decoding patch: an operation is an object"));
        }

        return result;
    }

    private static JsonNode? Done(JsonNode? document, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (Text(operation, "op"))
        {
            case "add":
                return Added(document, path, Value(operation));
            case "remove":
                return Removed(document, path, out _);
            case "replace":
                var value = Value(operation);
                _ = path.Of(document, out var isThere);
                return isThere ? Replaced(document, path, value) : throw Fails($"replace operation does not apply: doc is missing key: {path.Text}: missing value");
            case "move":
                var from = Pointer(operation, "from");
                if (path.Text.StartsWith($"{from.Text}/", StringComparison.Ordinal))
                {
                    throw Fails($"move operation does not apply: {path.Text} is inside {from.Text}");
                }

                return Added(Removed(document, from, out var moved), path, moved);
            case "copy":
                var copied = Pointer(operation, "from").Of(document, out var found);
                return found ? Added(document, path, copied?.DeepClone()) : throw Fails($"copy operation does not apply: doc is missing from path: {Text(operation, "from")}: missing value");
            case "test":
                // A test of null holds where nothing is, like in Kubernetes.
                return JsonNode.DeepEquals(path.Of(document, out _), Value(operation)) ? document : throw Fails($"testing value {path.Text} failed: test failed");
            case var other:
                throw Refusal.BadRequest($"error decoding patch: unexpected kind of operation: {other}");
        }
    }

    private static JsonNode? Added(JsonNode? document, JsonPointer path, JsonNode? value)
    {
        if (path.Parts is not [.., var last])
        {
            return value;
        }

        switch (Parent(document, path, "add"))
        {
            case JsonObject map:
                map[last] = value;
                return document;
            case JsonArray list when last == "-":
                list.Add(value);
                return document;
            case JsonArray list when JsonPointer.Index(last, list.Count + 1) is { } index:
                list.Insert(index, value);
                return document;
            default:
                throw Fails($"add operation does not apply: {path.Text}: invalid index or missing container");
        }
    }

    private static JsonNode? Removed(JsonNode? document, JsonPointer path, out JsonNode? removed)
    {
        if (path.Parts is not [.., var last])
        {
            removed = document;
            return null;
        }

        switch (Parent(document, path, "remove"))
        {
            case JsonObject map when map.TryGetPropertyValue(last, out removed):
                map.Remove(last);
                return document;
            case JsonArray list when JsonPointer.Index(last, list.Count) is { } index:
                removed = list[index];
                list.RemoveAt(index);
                return document;
            default:
                throw Fails($"remove operation does not apply: doc is missing path: {path.Text}: missing value");
        }
    }

    private static JsonNode? Replaced(JsonNode? document, JsonPointer path, JsonNode? value)
    {
        if (path.Parts is not [.., var last])
        {
            return value;
        }

        if (Parent(document, path, "replace") is JsonArray list)
        {
            list[JsonPointer.Index(last, list.Count)!.Value] = value;
        }
        else
        {
            ((JsonObject)Parent(document, path, "replace")!)[last] = value;
        }

        return document;
    }

    private static JsonNode? Parent(JsonNode? document, JsonPointer path, string operation)
    {
        var parent = new JsonPointer(path.Text[..path.Text.LastIndexOf('/')]).Of(document, out var found);
        return found ? parent : throw Fails($"{operation} operation does not apply: doc is missing path: {path.Text}: missing value");
    }

    private static JsonPointer Pointer(JsonObject operation, string field) => new(Text(operation, field));

    private static string Text(JsonObject operation, string field)
        => operation[field] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Refusal.BadRequest($"error decoding patch: an operation has no {field}");

    private static JsonNode? Value(JsonObject operation)
        => operation.TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw Refusal.BadRequest("error decoding patch: an operation has no value");

    private static Refusal Fails(string message) => new(422, "Invalid", "the server rejected our request due to an error in our request") { Causes = [new("", message, "patch")] };
}
