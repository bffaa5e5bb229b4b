using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// The part of a mesh that one scope's configuration is made from, and nothing else. Two equal views give equal configuration,
/// so whoever holds the result of an equal view need not translate again.
/// </summary>
/// <param name="Scope">Which proxies.</param>
/// <param name="Settings">Mesh-wide settings.</param>
/// <param name="Destinations">Whom they may reach, which decides the endpoints they are sent; empty in permissive mode, where all may be reached.</param>
/// <param name="Reachable">The services they may call.</param>
/// <param name="Clusters">The services whose clusters and endpoints they need.</param>
/// <param name="Own">The services they serve.</param>
/// <param name="Accepts">What they accept; empty in permissive mode, where it does not count.</param>
/// <param name="Retries">Which of their requests are tried again.</param>
internal sealed record ScopeView(
    ProxyScope Scope,
    MeshSettings Settings,
    EquatableArray<WorkloadIdentity> Destinations,
    ServiceSet Reachable,
    ServiceSet Clusters,
    EquatableArray<MeshService> Own,
    InboundPolicy Accepts,
    EquatableArray<RetryRule> Retries)
{
    /// <summary>What plugins contribute. It is part of the frame: whoever keeps anything forgets it when this changes.</summary>
    public ScopeContributions Contributions { get; init; } = ScopeContributions.None;

    /// <summary>What plugins ask for and do not get. It is part of the frame too.</summary>
    public MeshGuard Guard { get; init; } = MeshGuard.None;

    public static ScopeView Of(MeshIndex index, ProxyScope scope, IMeshContributions? contributions = null)
    {
        var services = index.ServicesFor(scope.Identity);
        var reachable = services.Reachable;
        var contributed = ContributedBootstrap.Settled(ContributedRoutes.Settled(ContributedListeners.Settled((contributions ?? NoContributions.Instance).For(scope), scope, reachable), scope, reachable, index), scope);
        return new(
            scope,
            index.Mesh.Settings,
            index.Destinations(scope.Identity),
            reachable,
            services.Clusters,
            OwnServices(index, scope),
            index.Mesh.Settings.Permissive ? new(scope.Identity) : index.Accepts(scope.Identity),
            index.Retries(scope.Identity))
        {
            Contributions = contributed,
            Guard = MeshGuard.Of(contributed, scope, index.Mesh),
        };
    }

    /// <summary>
    /// The view without any service or rule. Whatever is kept and used again is made from this and from what it is filed under,
    /// so that it cannot depend on anything else unnoticed.
    /// </summary>
    public ScopeView Frame()
        => this with
        {
            Destinations = [],
            Reachable = ServiceSet.Empty,
            Clusters = ServiceSet.Empty,
            Own = [],
            Accepts = new(Scope.Identity),
            Retries = [],
        };

    /// <summary>Whether these proxies may be sent an endpoint that runs as that identity.</summary>
    public bool MayReach(WorkloadIdentity? destination)
        => Settings.Permissive || (destination is not null && Destinations.AsSpan().BinarySearch(destination) >= 0);

    // A service whose target port nobody knows yet has no traffic to accept. Two service ports with one target port are one
    // place to accept at, and the first one's protocol decides.
    private static EquatableArray<MeshService> OwnServices(MeshIndex index, ProxyScope scope)
        => [.. scope.Services.SelectMany(index.Named).Where(service => service.TargetPort > 0)];
}
