using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>
/// What only the leader writes to the API server. Each write asks anew whether this replica still leads, and none goes on for longer than that is sure: whoever comes
/// next begins later than that. So a replica that was stopped for a while, or cut off, does not go on where it was when it wakes.
/// </summary>
internal sealed class LeaderCalls(ClusterClient client, IReplicas replicas, TimeProvider time)
{
    /// <summary>Reads, which anybody may.</summary>
    public Task<JsonNode?> ReadAsync(ApiCall call, CancellationToken cancellationToken) => client.FindAsync(call, cancellationToken);

    /// <summary>Writes; null when there is nothing to write to.</summary>
    /// <exception cref="HttpRequestException">It was not written, or nobody knows: this replica does not lead, or there was no answer while it did.</exception>
    /// <exception cref="ClusterCallException">The server says no.</exception>
    public async Task<JsonNode?> WriteAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var left = replicas.LeadsFor;
        if (left <= TimeSpan.Zero)
        {
            throw new HttpRequestException($"This replica does not lead any more, so it does not {call.Verb} {call.Resource}");
        }

        using var leading = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leading.Token, cancellationToken);
        try
        {
            return await client.FindAsync(call, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"The API server did not answer to {call.Verb} {call.Resource} for as long as this replica led for certain");
        }
    }
}
