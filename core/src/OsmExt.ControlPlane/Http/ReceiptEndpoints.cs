using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Observability;
using OsmExt.ControlPlane.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Http;

/// <summary>
/// Receipts on the debug port: who has a revision, or objects as they are given. A request may wait until enough have it; how long, how many wait at once and how
/// much they may send is bounded.
/// </summary>
internal static class ReceiptEndpoints
{
    private const int MostWaiting = 64;
    private const int MostBytes = 16 << 20;
    private const int MostAbsent = 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Adds them.</summary>
    public static void MapReceipts(this RouteGroupBuilder group)
    {
        var places = new SemaphoreSlim(MostWaiting);
        group.MapGet("/receipts/{revision}", (string revision, HttpContext http, Receipts receipts) => InPlaceAsync(places, async () =>
            Read(http.Request) is not var (share, within) || Revision(revision) is not { } asked ? Wrong()
                : Json(await receipts.OfRevisionAsync(asked < 0 ? null : asked, share, within, http.RequestAborted).ConfigureAwait(false), share)));
        group.MapPost("/receipts", (HttpContext http, Receipts receipts, LivePluginKinds kinds) => InPlaceAsync(places, async () =>
        {
            if (Read(http.Request) is not var (share, within) || Absent(http.Request) is not { } absent)
            {
                return Wrong();
            }

            if (await BodyAsync(http.Request).ConfigureAwait(false) is not { } manifests)
            {
                return Results.Text($"no more than {MostBytes} bytes of manifests are looked at at once\n", statusCode: StatusCodes.Status413PayloadTooLarge);
            }

            var objects = AskedObjects.Read(manifests, kinds.Current(), absent);
            return objects.Problems.Count > 0
                ? Results.Text(new JsonObject { ["problems"] = MeshDocument.Of(objects.Problems) }.ToJsonString() + "\n", "application/json", statusCode: StatusCodes.Status422UnprocessableEntity)
                : Json(await receipts.OfObjectsAsync(objects, share, within, http.RequestAborted).ConfigureAwait(false), share);
        }));
    }

    /// <summary>As scripts read it.</summary>
    public static JsonObject Document(Receipt receipt, double share) => new()
    {
        ["revision"] = receipt.Revision,
        ["newest"] = receipt.Newest,
        ["published"] = receipt.IsPublished,
        ["share"] = share,
        ["reached"] = receipt.Reaches(share),
        ["proxies"] = receipt.Proxies.Count,
        ["have"] = receipt.Have,
        ["has"] = new JsonArray([.. receipt.Proxies.Where(proxy => proxy.State == ReceiptState.Has).Select(proxy => (JsonNode)proxy.Proxy)]),
        ["lagging"] = new JsonArray([.. receipt.Proxies.Where(proxy => proxy.State != ReceiptState.Has).Select(proxy => (JsonNode)new JsonObject
        {
            ["proxy"] = proxy.Proxy,
            ["reason"] = proxy.State.ToString().ToLowerInvariant(),
            ["since"] = proxy.Since?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["revision"] = proxy.Revision,
            ["detail"] = proxy.Detail,
        })]),
        ["missing"] = new JsonArray([.. receipt.Missing.Select(key => (JsonNode)key.ToString())]),
        ["findings"] = MeshDocument.Of(receipt.Findings),
    };

    private static async Task<IResult> InPlaceAsync(SemaphoreSlim places, Func<Task<IResult>> answer)
    {
        if (!places.Wait(0))
        {
            return Results.Text($"{MostWaiting} others wait for receipts already\n", statusCode: StatusCodes.Status429TooManyRequests);
        }

        try
        {
            return await answer().ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    private static (double Share, TimeSpan Within)? Read(HttpRequest request)
    {
        var (share, within) = ((string?)request.Query["share"] ?? "1", (string?)request.Query["within"] ?? "0");
        return double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var part) && part is >= 0 and <= 1
            && double.TryParse(within, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0 && seconds <= Longest.TotalSeconds
            ? (part, TimeSpan.FromSeconds(seconds)) : null;
    }

    // Below 0 for the newest, whichever that is.
    private static long? Revision(string text)
        => text == "newest" ? -1 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : null;

    private static List<ResourceKey>? Absent(HttpRequest request)
    {
        var keys = new List<ResourceKey>();
        foreach (var text in request.Query["absent"])
        {
            if (text?.Split('/') is not [var kind, var ns, var name] || keys.Count == MostAbsent)
            {
                return null;
            }

            keys.Add(new(kind, ns, name));
        }

        return keys;
    }

    private static async Task<string?> BodyAsync(HttpRequest request)
    {
        using var text = new MemoryStream();
        var part = new byte[64 << 10];
        int read;
        while ((read = await request.Body.ReadAsync(part, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (text.Length + read > MostBytes)
            {
                return null;
            }

            text.Write(part, 0, read);
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static IResult Wrong() => Results.Text(
        $"ask for /debug/receipts/REVISION or /debug/receipts/newest, or post manifests to /debug/receipts; share is from 0 to 1, within in seconds up to {Longest.TotalSeconds:0}, absent is KIND/NAMESPACE/NAME\n",
        statusCode: StatusCodes.Status400BadRequest);

    private static IResult Json(Receipt receipt, double share) => Results.Text(Document(receipt, share).ToJsonString() + "\n", "application/json");
}
