using System.Text.Json;

namespace OsmExt.Demo;

/// <summary>Reads request bodies.</summary>
internal static class Body
{
    /// <summary>A JSON integer; null when the body is anything else.</summary>
    public static async Task<long?> IntegerAsync(HttpRequest request)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<long>(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
