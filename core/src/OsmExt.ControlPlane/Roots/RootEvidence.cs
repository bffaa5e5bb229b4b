using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// What is known of every sidecar of the mesh, for changing roots. Those without a stream count, too: an Envoy goes on serving
/// with what it has while it cannot reach the control plane. Used by the pipeline's loop only.
/// </summary>
internal sealed class RootEvidence(
    StreamRegistry streams, ConnectedProxies proxies, SecretRoots secrets, DomainEvidence domains, ReplicaBoard board, IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <param name="state">The mesh.</param>
    /// <param name="withDomains">Whether to look at all that names somebody, too, which only a change of the trust domain needs.</param>
    public IReadOnlyList<ProxyEvidence> Of(MeshState state, bool withDomains)
    {
        var all = state.Proxies.All.Select(IdOf).ToArray();
        var (elsewhere, away) = Elsewhere(all);
        var connected = Here(withDomains).Concat(elsewhere).ToList();
        var present = connected.Select(proxy => proxy.Proxy).ToHashSet(StringComparer.Ordinal);
        connected.AddRange(all.Where(proxy => !present.Contains(proxy)).Select(proxy => new ProxyEvidence(proxy, IsAway(proxy) || away.Contains(proxy) ? ProxyPresence.Away : ProxyPresence.Gone)));
        return connected;
    }

    /// <summary>The proxies that are connected to this replica.</summary>
    /// <param name="withDomains">As above.</param>
    public IReadOnlyList<ProxyEvidence> Here(bool withDomains)
    {
        var known = streams.Holdings(TypeUrls.Secret).Select(holdings => (holdings.Client, Of(holdings))).ToArray();
        return [.. withDomains ? domains.Complete(known) : known.Select(proxy => proxy.Item2)];
    }

    /// <summary>The proxies that were connected to it a moment ago, and are not now.</summary>
    public IEnumerable<string> Left(MeshState state)
        => state.Proxies.All.Select(IdOf).Where(proxy => proxies.LeftAt(proxy) is { } at && time.GetElapsedTime(at) < options.Value.ReconnectGrace);

    // What other replicas say of theirs. Marks that are no proxy's of the mesh are still somebody who presents certificates.
    private (IEnumerable<ProxyEvidence> Connected, HashSet<string> Away) Elsewhere(string[] all)
    {
        if (board.Reports.IsEmpty)
        {
            return ([], []);
        }

        var names = all.DistinctBy(ProxyMarks.MarkOf).ToDictionary(ProxyMarks.MarkOf);
        return (
            [.. from report in board.Reports
                from @group in report.Value.Evidence
                from mark in @group.Proxies.Marks
                select @group.Known with { Proxy = names.GetValueOrDefault(mark, $"a proxy of {report.Key}") }],
            [.. board.Reports.Values.SelectMany(report => report.Away.Marks).Select(mark => names.GetValueOrDefault(mark)).OfType<string>()]);
    }

    private static string IdOf(Proxy proxy) => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}";

    // Of a replica that is no more it is not known who it had: they all may be on their way.
    private bool IsAway(string proxy)
        => time.GetElapsedTime(proxies.LeftAt(proxy) ?? _start) < options.Value.ReconnectGrace || board.SinceLoss < options.Value.ReconnectGrace;

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
