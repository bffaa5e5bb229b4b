using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>An API server answered, and said no. What it cannot be reached for is an <see cref="HttpRequestException"/>.</summary>
internal sealed class ClusterCallException(ApiCall call, int status, string said, TimeSpan? retryAfter = null)
    : Exception($"The API server refuses to {call.Verb} {call.Resource} ({status.ToString(System.Globalization.CultureInfo.InvariantCulture)}): {said}")
{
    public int Status => status;

    /// <summary>What the server asks to wait.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>The version that was asked for is forgotten: everything has to be read anew.</summary>
    public bool IsGone => status == (int)HttpStatusCode.Gone;

    public bool IsNotFound => status == (int)HttpStatusCode.NotFound;

    /// <summary>Somebody else was faster.</summary>
    public bool IsConflict => status == (int)HttpStatusCode.Conflict;

    /// <summary>Reads the message out of a Status object; anything else is not repeated, since it may be a page of a proxy on the way.</summary>
    public static string MessageIn(string body) => Field(body, "message", value => (string?)value) ?? "it gives no reason";

    /// <summary>Reads the code out of a Status object.</summary>
    public static int CodeIn(string body) => Field(body, "code", value => (int?)value) ?? (int)HttpStatusCode.InternalServerError;

    private static T? Field<T>(string body, string field, Func<JsonNode?, T?> read)
    {
        try
        {
            return read(JsonNode.Parse(body)?[field]);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            return default;
        }
    }
}
