using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The rules the server goes by.</summary>
internal sealed class ObjectRules : IObjectRules
{
    public JsonObject Patch(WriteRequest write, string mediaType, JsonNode? patch, JsonObject? current) => mediaType switch
    {
        "application/merge-patch+json" or "application/strategic-merge-patch+json" when patch is JsonObject fields && current is not null => Merged(current, fields),
        _ => throw Refusals.UnsupportedMediaType(mediaType, "application/merge-patch+json, application/strategic-merge-patch+json"),
    };

    public JsonObject Decode(WriteRequest write, JsonObject sent) => sent;

    public Task<JsonObject> MutateAsync(WriteRequest write, JsonObject? old, JsonObject value, StoreState state, CancellationToken stop) => Task.FromResult(value);

    public JsonObject Own(WriteRequest write, JsonObject? old, JsonObject value, DateTimeOffset now) => value;

    public void Validate(WriteRequest write, JsonObject? old, JsonObject value)
    {
    }

    public Task ReviewAsync(WriteRequest write, JsonObject? old, JsonObject? value, StoreState state, CancellationToken stop) => Task.CompletedTask;

    public Task<JsonObject> ConvertAsync(ResourceKind to, JsonObject value, CancellationToken stop)
        => Task.FromResult(value.Text("apiVersion") == to.ApiVersion ? value : value.With(("apiVersion", to.ApiVersion)));

    public string? Authorize(AccessAttributes access, StoreState state) => access.Caller == Caller.Anonymous ? "" : null;

    private static JsonObject Merged(JsonObject target, JsonObject patch)
    {
        var result = target.Copy();
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject fields ? Merged(result[name] as JsonObject ?? [], fields) : value.DeepClone();
            }
        }

        return result;
    }
}
