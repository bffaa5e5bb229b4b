using System.Net;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.DataPlane;
using OsmExt.DataPlane.Discovery;
using OsmExt.DataPlane.Streams;
using OsmExt.DataPlane.Tls;
using OsmExt.Envoy;

namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>The embedded data plane: connections are handed to it.</summary>
internal sealed class EmbeddedSidecar(EmbeddedProxy proxy) : ISidecar
{
    public X509Certificate2? Certificate
        => proxy.Keeper.Configuration?.All<Secret>().FirstOrDefault(candidate => candidate.TlsCertificate is not null) is { } secret
            ? X509Certificate2.CreateFromPem(Credential.Text(secret.TlsCertificate.CertificateChain)) : null;

    public bool DrawsBySeed => true;

    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint destination, int redirectedTo, CancellationToken stop)
    {
        var (client, server) = StreamPair.Create();
        _ = proxy.AcceptAsync(new(server, source, destination, redirectedTo));
        return ValueTask.FromResult(client);
    }

    // It is told by the connections themselves, before it uses one again.
    public void LeaveApplications()
    {
    }

    public ValueTask<string?> WaitsForAsync()
        => ValueTask.FromResult(Waits(proxy.Keeper.Current) ? "waits for what its listeners or clusters refer to" : null);

    public async Task<string> ReadAdminAsync(string path)
        => (await proxy.Pages.AnswerAsync("GET", path, new Dictionary<string, string>(StringComparer.Ordinal), CancellationToken.None).ConfigureAwait(false)).Body;

    public Task<IReadOnlyDictionary<string, long>> CountRequestsAsync()
        => Task.FromResult<IReadOnlyDictionary<string, long>>(proxy.Traffic.Endpoints.GroupBy(endpoint => endpoint.Cluster, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(endpoint => endpoint.TotalRequests), StringComparer.Ordinal));

    public ValueTask DisposeAsync() => proxy.DisposeAsync();

    // What was refused, or does not exist, does not come by waiting.
    private static bool Waits(Inventory held) => new[] { TypeUrls.Cluster, TypeUrls.Listener }.SelectMany(held.Warming)
        .SelectMany(waiting => held.MissingOf(waiting.Resource)).Any(missing => !held.Refusals.ContainsKey(missing) && !held.Absent.Contains(missing));
}
