using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OsmExt.PluginHost.Manifests;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Types;
using OsmExt.Yaml;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Reads what a request carries: JSON, YAML or protobuf, which is the same to everybody after this.</summary>
internal static class RequestBody
{
    // As much as etcd takes, and what is around it.
    private const int Largest = 3 * 1024 * 1024;

    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    private static readonly JsonNodeOptions Names = new() { PropertyNameCaseInsensitive = false };

    public static async Task<JsonObject> ReadObjectAsync(HttpRequest request, CancellationToken stop)
        => await ReadAsync(request, stop).ConfigureAwait(false) as JsonObject ?? throw Refusal.BadRequest("the object provided is unrecognized (must be of type Object)");

    public static async Task<JsonNode?> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        var content = await ReadBytesAsync(request, stop).ConfigureAwait(false);
        if (content.Length == 0)
        {
            return null;
        }

        var media = MediaType(request);
        return media switch
        {
            Protobuf => ProtobufObject.Read(content.Span),
            _ when media.EndsWith("yaml", StringComparison.Ordinal) => Yaml(Encoding.UTF8.GetString(content.Span)),
            _ when media.EndsWith("json", StringComparison.Ordinal) => Json(Encoding.UTF8.GetString(content.Span)),
            _ => throw Refusals.UnsupportedMediaType(media, $"application/json, application/yaml, {Protobuf}"),
        };
    }

    public static string MediaType(HttpRequest request) => (request.ContentType ?? "application/json").Split(';')[0].Trim().ToLowerInvariant();

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text, Names) switch { JsonObject value => value.Copy(), var other => other };
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            throw Refusal.BadRequest($"unable to parse the body as JSON: {failure.Message}");
        }
    }

    private static JsonNode? Yaml(string text)
    {
        // JSON is YAML, but its numbers and texts are read more exactly as what they are.
        if (text.AsSpan().TrimStart() is ['{', ..])
        {
            return Json(text);
        }

        var (documents, problems) = YamlText.Read(text);
        return problems is [] && documents is [var only] ? YamlJson.Of(only.Root)
            : throw Refusal.BadRequest($"unable to parse the body as YAML: {(problems is [var first, ..] ? first.Message : "it must be one document")}");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, CancellationToken stop)
    {
        using var content = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await request.Body.ReadAsync(buffer, stop).ConfigureAwait(false) is > 0 and var count)
        {
            content.Write(buffer, 0, count);
            if (content.Length > Largest)
            {
                throw new Refusal(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Largest}");
            }
        }

        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}
