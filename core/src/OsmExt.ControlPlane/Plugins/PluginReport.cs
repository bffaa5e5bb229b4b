using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost.Rollout;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>
/// How far plugins' objects have come: what is wrong with them, and how many of the proxies that are to have what was made of them
/// have acknowledged it. Used by the pipeline's loop only.
/// </summary>
internal sealed class PluginReport(ScopePublisher scopes, StreamRegistry streams, ConnectedProxies proxies, SnapshotCache cache)
{
    public PluginStatus Of(MeshState state, IReadOnlyList<Diagnostic> findings)
    {
        var found = findings.Where(finding => finding.Object is not null).ToLookup(finding => finding.Object!.Value);
        var clients = ProxyHoldings.Of(streams, proxies);
        var shares = new Dictionary<(string, ResourceKey?), Share>();
        var leftOut = new HashSet<LeftOutContribution>();
        foreach (var live in scopes.Live.Where(live => live.Streams > 0))
        {
            var contributions = state.Contributions.For(live.Scope);
            leftOut.UnionWith(contributions.LeftOut);
            Count(live, contributions, clients.At(live.Scope), shares);
        }

        var staged = state.Contributions as StagedContributions;
        var reached = (staged?.Plugins ?? []).ToDictionary(id => id, id => scopes.Live.Where(live => staged!.Reaches(id)(live.Scope)).Sum(live => live.Streams), StringComparer.Ordinal);
        return new(shares, found, [.. leftOut.OrderBy(left => left.Item.Rank).ThenBy(left => left.Item.Origin)],
            [.. state.Snapshot.All<PluginResource>().OrderBy(resource => resource.Key)])
        {
            Reached = reached,
        };
    }

    private void Count(LiveScope live, ScopeContributions contributions, IReadOnlyList<ProxyHoldings.Client> acknowledged, Dictionary<(string, ResourceKey?), Share> shares)
    {
        var (parts, snapshot) = (new ContributedParts(contributions.All), cache.Get(live.Scope));
        var carriers = ProxyHoldings.Types.SelectMany(type => snapshot?.InOrder(type) ?? []).SelectMany(resource => parts.In(resource).Select(item => (item, resource)))
            .ToLookup(pair => pair.item, pair => pair.resource);
        // Where another has the place, nobody is to have it; where proxies are held, nobody gets it.
        var due = contributions.All.Where(item => carriers.Contains(item) || live.IsHeld).Concat(contributions.LeftOut.Select(left => left.Item));
        foreach (var pieces in due.Distinct().GroupBy(item => (item.Plugin, item.Origin)))
        {
            var share = shares.GetValueOrDefault(pieces.Key, new(0, 0));
            shares[pieces.Key] = new(share.Proxies + live.Streams,
                share.Acknowledged + acknowledged.Count(has => pieces.All(item => carriers.Contains(item) && carriers[item].All(has.Has))));
        }
    }
}

/// <summary>How many proxies are to have something, and how many have acknowledged all of it.</summary>
internal sealed record Share(int Proxies, int Acknowledged);

/// <summary>How far plugins' objects have come.</summary>
/// <param name="Shares">By plugin and object.</param>
/// <param name="Findings">By object.</param>
/// <param name="LeftOut">What Envoy refused.</param>
/// <param name="Objects">All objects of plugins' kinds.</param>
internal sealed record PluginStatus(
    IReadOnlyDictionary<(string Plugin, ResourceKey? Object), Share> Shares, ILookup<ResourceKey, Diagnostic> Findings,
    IReadOnlyList<LeftOutContribution> LeftOut, IReadOnlyList<PluginResource> Objects)
{
    /// <summary>How many proxies have the new version of a plugin that is being rolled out, by its id.</summary>
    public IReadOnlyDictionary<string, int> Reached { get; init; } = new Dictionary<string, int>();
}
