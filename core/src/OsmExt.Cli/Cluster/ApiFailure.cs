using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace OsmExt.Cli.Cluster;

/// <summary>What an API server's refusal means to whoever typed the command.</summary>
internal static class ApiFailure
{
    /// <summary>The refusal as a sentence, with what to do.</summary>
    public static string Explain(HttpOperationException failure, string cluster)
    {
        var message = Message(failure);
        return failure.Response?.StatusCode switch
        {
            HttpStatusCode.Unauthorized => $"{cluster} does not accept this user's credentials ({message}); log in again, or choose another context with --context",
            HttpStatusCode.Forbidden => $"{cluster} does not allow this: {message}. Ask for that permission, or use a context that has it",
            HttpStatusCode.NotFound => $"{cluster} has no such thing: {message}",
            HttpStatusCode.TooManyRequests => $"{cluster} is busy: {message}; try again in a moment",
            { } status => $"{cluster} refuses this ({(int)status}): {message}",
            null => $"{cluster}: {message}",
        };
    }

    /// <summary>What the API server says.</summary>
    public static string Message(HttpOperationException failure)
    {
        try
        {
            return (string?)JsonNode.Parse(failure.Response?.Content ?? "")?["message"] ?? failure.Message;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return failure.Response?.Content is { Length: > 0 } content ? content.Trim() : failure.Message;
        }
    }

    /// <summary>Whether the answer was that status.</summary>
    public static bool Is(this HttpOperationException failure, HttpStatusCode status) => failure.Response?.StatusCode == status;
}
