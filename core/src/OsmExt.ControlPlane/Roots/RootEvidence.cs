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
    StreamRegistry streams, ConnectedProxies proxies, SecretRoots secrets, DomainEvidence domains, IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <param name="state">The mesh.</param>
    /// <param name="withDomains">Whether to look at all that names somebody, too, which only a change of the trust domain needs.</param>
    public IReadOnlyList<ProxyEvidence> Of(MeshState state, bool withDomains)
    {
        var known = streams.Holdings(TypeUrls.Secret).Select(holdings => (holdings.Client, Of(holdings))).ToArray();
        var connected = (withDomains ? domains.Complete(known) : known.Select(proxy => proxy.Item2)).ToList();
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
        var evidence = new ProxyEvidence(client.ProxyId, ProxyPresence.Connected) 
        {
            Credentials = [client.Credential.Root],
            CredentialsIn = [client.Credential.TrustDomain],
        };
        return IsKnown(holdings)
            ? evidence with { Trusts = Trusts(holdings), Presents = Presents(holdings), PresentsIn = PresentsIn(holdings) }
            : evidence;
    }

    /// <summary>Whether it is certain what the client has of that type.</summary>
    public static bool IsKnown(XdsHoldings holdings) => holdings.IsSettled && holdings.Resources.All(resource => resource.Acknowledged is not null);

    // It verifies with each of them, and with what it was sent from the moment it gets it.
    private ImmutableHashSet<string>? Trusts(XdsHoldings holdings)
        => InAll(Versions(holdings).Where(version => !SecretRoots.IsCertificate(version)).Select(secrets.Of));

    private ImmutableHashSet<string> Presents(XdsHoldings holdings)
        => [.. Versions(holdings).Where(SecretRoots.IsCertificate).SelectMany(secrets.Of)];

    private ImmutableHashSet<string> PresentsIn(XdsHoldings holdings)
        => [.. Versions(holdings).Where(SecretRoots.IsCertificate).Select(secrets.TrustDomainOf)];

    /// <summary>What is in all of them; null when there are none.</summary>
    public static ImmutableHashSet<string>? InAll(IEnumerable<ImmutableHashSet<string>?> sets)
        => sets.OfType<ImmutableHashSet<string>>().Aggregate((ImmutableHashSet<string>?)null, (all, one) => all?.Intersect(one) ?? one);

    /// <summary>All that may be in force.</summary>
    public static IEnumerable<XdsResource> Versions(XdsHoldings holdings)
        => holdings.Resources.SelectMany(resource => new[] { resource.Acknowledged, resource.Sent }).OfType<XdsResource>().Distinct();
}
