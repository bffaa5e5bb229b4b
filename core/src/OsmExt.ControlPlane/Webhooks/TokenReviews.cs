using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>Asks the API server whose a token is.</summary>
internal interface ITokenReviews
{
    /// <summary>The pod the token is bound to; null when it is not valid, is for another audience, or is no pod's.</summary>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    /// <exception cref="ClusterCallException">The server does not answer this.</exception>
    Task<TokenHolder?> WhoseAsync(string token, CancellationToken cancellation);
}

/// <summary>Who holds a token, as the API server says.</summary>
internal sealed record TokenHolder(string Namespace, string ServiceAccount, string Pod, string PodUid);

/// <inheritdoc/>
internal sealed class TokenReviews(Func<ApiCall, CancellationToken, Task<JsonNode>> ask) : ITokenReviews
{
    private const string UserPrefix = "system:serviceaccount:";

    public async Task<TokenHolder?> WhoseAsync(string token, CancellationToken cancellation)
        => Read(await ask(Call(token), cancellation).ConfigureAwait(false));

    // The server says which of the audiences we asked for the token is for. A server that ignores the question says none.
    internal static TokenHolder? Read(JsonNode? review)
    {
        var status = PodObject.Child(review, "status");
        var user = PodObject.Child(status, "user");
        var extra = PodObject.Child(user, "extra");
        if (status?["authenticated"] is not JsonValue said || said.GetValueKind() != JsonValueKind.True
            || !Texts(status["audiences"]).Contains(WellKnown.TokenAudience, StringComparer.Ordinal)
            || Single(extra, "authentication.kubernetes.io/pod-name") is not { } pod
            || Single(extra, "authentication.kubernetes.io/pod-uid") is not { } uid)
        {
            return null;
        }

        var name = PodObject.Text(user, "username");
        return name.StartsWith(UserPrefix, StringComparison.Ordinal) && name[UserPrefix.Length..].Split(':') is [{ Length: > 0 } ns, { Length: > 0 } account]
            ? new(ns, account, pod, uid) : null;
    }

    private static ApiCall Call(string token) => new("create", "tokenreviews", "apis/authentication.k8s.io/v1/tokenreviews")
    {
        Body = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(WellKnown.TokenAudience) },
        },
    };

    private static string? Single(JsonObject? extra, string name) => Texts(extra?[name]).ToArray() is [{ Length: > 0 } only] ? only : null;

    private static IEnumerable<string> Texts(JsonNode? list)
        => (list as JsonArray ?? []).OfType<JsonValue>().Where(item => item.GetValueKind() == JsonValueKind.String).Select(item => item.GetValue<string>());
}
