using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Requests to an API server, each counted. KubernetesClient finds the server and proves who asks; what is sent and read is ours, since its typed
/// watches hide what went wrong and keep whole objects.
/// </summary>
internal sealed class ClusterClient(k8s.Kubernetes server, TimeProvider time, IClusterObserver? observer = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IClusterObserver _observer = observer ?? NoClusterObserver.Instance;

    public IClusterObserver Observer => _observer;

    /// <summary>The answer as JSON.</summary>
    /// <exception cref="ClusterCallException">The server says no.</exception>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public async Task<JsonNode> AskAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var response = await OpenAsync(call, either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                return await JsonNode.ParseAsync(body, cancellationToken: either.Token).ConfigureAwait(false) ?? new JsonObject();
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"The API server took longer than {Patience.TotalSeconds:0} seconds to {call.Verb} {call.Resource}");
        }
        catch (IOException failure)
        {
            throw new HttpRequestException($"The API server broke off: {failure.Message}", failure);
        }
    }

    /// <summary>The same, but null when there is no such object.</summary>
    public async Task<JsonNode?> FindAsync(ApiCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterCallException absent) when (absent.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>An answer whose body is still to come. Headers are waited for, for a limited time.</summary>
    public async Task<HttpResponseMessage> OpenAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var request = Request(call);
        await ProveAsync(request, cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            response = await server.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _observer.Called(call.Verb, call.Resource, 0);
            throw new HttpRequestException($"The API server did not answer within {Patience.TotalSeconds:0} seconds");
        }
        catch (HttpRequestException)
        {
            _observer.Called(call.Verb, call.Resource, 0);
            throw;
        }

        _observer.Called(call.Verb, call.Resource, (int)response.StatusCode);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw new ClusterCallException(call, (int)response.StatusCode, ClusterCallException.MessageIn(body), response.Headers.RetryAfter?.Delta);
        }
    }

    public void Dispose() => server.Dispose();

    private async Task ProveAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            if (server.Credentials is { } credentials)
            {
                await credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or HttpRequestException))
        {
            // A token file that is gone for a moment, a plugin that fails: as passing as a network's failure.
            throw new HttpRequestException($"There are no credentials for the API server: {failure.Message}", failure);
        }
    }

    private HttpRequestMessage Request(ApiCall call)
    {
        var root = server.BaseUri.AbsoluteUri;
        var request = new HttpRequestMessage(call.Method, new Uri($"{root}{(root.EndsWith('/') ? "" : "/")}{call.Path}{(call.Query.Length > 0 ? "?" : "")}{call.Query}"))
        {
            // All watches on one connection, where the server speaks HTTP/2.
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.ParseAdd(call.Accept);
        if (call.Body is not null)
        {
            request.Content = new StringContent(call.Body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.ContentType);
        }

        return request;
    }
}
