using System.Net;

namespace OsmExt.DataPlane.Upstream;

/// <summary>Sends HTTP/2 requests of the proxy's own to a cluster.</summary>
internal sealed class ClusterHandler(Clusters clusters, string name, string authority) : HttpMessageHandler
{
    private static readonly IPEndPoint Nowhere = new(IPAddress.None, 0);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (clusters.Find(name) is not { } cluster || await cluster.ChooseAsync(null, Nowhere, cancellationToken) is not { } host)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"cluster {name} has no endpoint");
        }

        var kept = host.RequestBegins();
        request.RequestUri = new(new Uri(kept.Prefix), request.RequestUri!.PathAndQuery);
        request.Headers.Host = authority;
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var succeeded = false;
        try
        {
            var answer = await cluster.Http.Invoker.SendAsync(request, cancellationToken);
            succeeded = answer.IsSuccessStatusCode;
            return answer;
        }
        finally
        {
            host.RequestEnds(kept, succeeded);
        }
    }
}
