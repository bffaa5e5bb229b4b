using System.Text.Json.Nodes;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Tells one cluster from another at the same address: by the id of the namespace <c>kube-system</c>, which is made with a cluster and goes with it. A server that was set up
/// anew, or whose store was lost, has another one.
/// </summary>
internal sealed class ClusterIdentity
{
    private static readonly ApiCall Asked = new("list", "namespaces", "api/v1/namespaces") { Query = "fieldSelector=metadata.name%3Dkube-system", Accept = ApiCall.MetadataList };

    private readonly Lock _lock = new();
    private string? _first;

    /// <summary>Whether it is the cluster that was asked first. It is not while nobody can say.</summary>
    public async Task<bool> IsSameAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.AskAsync(Asked, cancellationToken).ConfigureAwait(false);
            var id = (string?)(found["items"] as JsonArray)?.FirstOrDefault()?["metadata"]?["uid"] ?? "";
            lock (_lock)
            {
                _first ??= id;
                return _first == id;
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or ClusterCallException or System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
