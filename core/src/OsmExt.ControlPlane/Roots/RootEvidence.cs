using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Identity.Roots;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// What is known of every sidecar of the mesh, for changing roots. Those without a stream count, too: an Envoy goes on serving
/// with what it has while it cannot reach the control plane. Used by the pipeline's loop only.
/// </summary>
internal sealed class RootEvidence(
    StreamRegistry streams, ConnectedProxies proxies, SecretRoots secrets, IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public IReadOnlyList<ProxyEvidence> Of(MeshState state)
    {
        var connected = streams.Holdings(TypeUrls.Secret).Select(Of).ToList();
        var present = connected.Select(proxy => proxy.Proxy).ToHashSet(StringComparer.Ordinal);
        connected.AddRange(state.Proxies.All.Select(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}")
            .Where(proxy => !present.Contains(proxy)).Select(Absent));
        return connected;
    }

    private ProxyEvidence Absent(string proxy)
        => new(proxy, time.GetElapsedTime(proxies.LeftAt(proxy) ?? _start) < options.Value.ReconnectGrace ? ProxyPresence.Away : ProxyPresence.Gone);

    private ProxyEvidence Of(XdsHoldings holdings)
    {
        var client = (ConnectedProxy)holdings.Client;
        var evidence = new ProxyEvidence(client.ProxyId, ProxyPresence.Connected) { Credentials = [client.CredentialRoot] };
        return holdings.IsSettled && holdings.Resources.All(resource => resource.Acknowledged is not null)
            ? evidence with { Trusts = Trusts(holdings), Presents = Presents(holdings) }
            : evidence;
    }

    // It verifies with each of them, and with what it was sent from the moment it gets it.
    private ImmutableHashSet<string>? Trusts(XdsHoldings holdings)
        => Versions(holdings, certificates: false).Aggregate((ImmutableHashSet<string>?)null, (all, one) => all?.Intersect(one) ?? one);

    private ImmutableHashSet<string> Presents(XdsHoldings holdings)
        => Versions(holdings, certificates: true).Aggregate(ImmutableHashSet<string>.Empty, (all, one) => all.Union(one));

    private IEnumerable<ImmutableHashSet<string>> Versions(XdsHoldings holdings, bool certificates)
        => holdings.Resources.SelectMany(resource => new[] { resource.Acknowledged, resource.Sent })
            .OfType<XdsResource>().Distinct().Where(version => SecretRoots.IsCertificate(version) == certificates).Select(secrets.Of);
}
