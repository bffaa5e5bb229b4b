using System.Collections.Immutable;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Rejections;

/// <summary>
/// What a proxy refuses of what it is to have now: one resource that it named, or all those of a response of which it did not say
/// which it means.
/// </summary>
/// <param name="Live">The proxy's scope.</param>
/// <param name="TypeUrl">Their type.</param>
/// <param name="Resources">The resources, by name.</param>
/// <param name="Refusal">What the proxy said.</param>
internal sealed record RefusedResources(LiveScope Live, string TypeUrl, ImmutableArray<XdsResource> Resources, Refusal Refusal)
{
    /// <summary>Whether it is just these versions.</summary>
    public (object Scope, string Versions) Key => (Live.Scope, string.Join(' ', Resources));

    /// <summary>What proxies refuse now, by proxy, type and name. What has been replaced meanwhile is of no interest.</summary>
    public static IEnumerable<RefusedResources> All(RejectionLog rejections, ConnectedProxies proxies, ScopePublisher scopes, SnapshotCache cache)
    {
        var current = from rejection in rejections.All
                      let live = proxies.ScopeOf(rejection.ProxyId) is { } scope ? scopes.Find(scope) : null
                      where live is not null
                      let resource = cache.Get(live.Scope)?.Find(rejection.TypeUrl, rejection.Name)
                      where resource is not null && rejection.Concerns(resource)
                      select (rejection, live, resource);
        return from entry in current
               group entry by (entry.rejection.ProxyId, entry.rejection.TypeUrl, entry.live, Name: entry.rejection.IsNamed ? entry.rejection.Name : "") into refused
               let said = refused.First().rejection
               select new RefusedResources(refused.Key.live, refused.Key.TypeUrl, [.. refused.Select(entry => entry.resource)], Words(said, refused.Count()));
    }

    private static Refusal Words(Rejection said, int count)
        => new(said.ProxyId, $"{TypeUrls.ShortName(said.TypeUrl)} {said.Name}{(count > 1 ? $" and {count - 1} others" : "")}", said.Message, said.Time);

    /// <summary>What those that are attached to the scope have acknowledged of these resources.</summary>
    public IEnumerable<XdsResource> Acknowledged(StreamRegistry streams, ConnectedProxies proxies)
        => Held(streams, proxies).SelectMany(group => group).Select(resource => resource.Acknowledged).OfType<XdsResource>().Distinct();

    /// <summary>What those that are attached to the scope have of these resources, by name.</summary>
    public ILookup<string, XdsHolding> Held(StreamRegistry streams, ConnectedProxies proxies)
    {
        var names = Resources.Select(resource => resource.Name).ToHashSet(StringComparer.Ordinal);
        return streams.Holdings(TypeUrl, client => Live.Scope.Equals(proxies.ScopeOf((ConnectedProxy)client)))
            .SelectMany(holdings => holdings.Resources).Where(resource => names.Contains(resource.Name)).ToLookup(resource => resource.Name, StringComparer.Ordinal);
    }
}
