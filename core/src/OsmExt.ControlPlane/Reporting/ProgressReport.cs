using System.Runtime.CompilerServices;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Plugins;
using OsmExt.ControlPlane.Rejections;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>
/// Counts, for each object, the proxies that are to have what was made of it and those that have acknowledged all of it. What the mesh made
/// of its own objects is known by the names in its metadata, what plugins made by its form. Used by the pipeline's loop only.
/// </summary>
internal sealed class ProgressReport(ScopePublisher scopes, StreamRegistry streams, ConnectedProxies proxies, SnapshotCache cache, RejectionLog rejections)
{
    private readonly ConditionalWeakTable<XdsSnapshot, ILookup<string, XdsResource>> _named = [];
    private readonly ConditionalWeakTable<XdsSnapshot, Placed> _placed = [];

    public IReadOnlyDictionary<string, ObjectProgress> Of(MeshState state)
    {
        var counts = new Dictionary<string, Count>(StringComparer.Ordinal);
        var clients = ProxyHoldings.Of(streams, proxies);
        foreach (var live in scopes.Live.Where(live => live.Streams > 0))
        {
            if (cache.Get(live.Scope) is { } snapshot)
            {
                Add(counts, live, snapshot, state.Contributions.For(live.Scope), clients.At(live.Scope));
            }
        }

        foreach (var (name, refusal) in from refused in RefusedResources.All(rejections, proxies, scopes, cache)
                                        from name in refused.Resources.SelectMany(NamedObjects.In).Distinct(StringComparer.Ordinal)
                                        select (name, refused.Refusal))
        {
            Find(counts, name).Refused.Add(refusal);
        }

        return counts.ToDictionary(entry => entry.Key, entry => entry.Value.Progress, StringComparer.Ordinal);
    }

    private void Add(Dictionary<string, Count> counts, LiveScope live, XdsSnapshot snapshot, ScopeContributions contributions, IReadOnlyList<ProxyHoldings.Client> clients)
    {
        var items = Items(live, snapshot, contributions);
        var byItems = items.SelectMany(item => ObjectsOf(item.Item).Select(key => (Name: key.ToString(), Entry: item))).ToLookup(entry => entry.Name, entry => entry.Entry, StringComparer.Ordinal);
        foreach (var name in byItems)
        {
            var count = Find(counts, name.Key);
            count.Add(live, Acknowledged(clients, [.. name]), clients.Count);
            foreach (var target in name.GroupBy(entry => entry.Item.Target.ToString(), StringComparer.Ordinal))
            {
                count.At(target.Key, Acknowledged(clients, [.. target]), clients.Count);
            }
        }

        foreach (var name in Named(snapshot).Where(name => !byItems.Contains(name.Key)))
        {
            Find(counts, name.Key).Add(live, clients.Count(has => name.All(has.Has)), clients.Count);
        }

        // The MeshConfig is in everything.
        var all = ProxyHoldings.Whole.SelectMany(type => snapshot.InOrder(type)).ToArray();
        Find(counts, NamedObjects.MeshConfig).Add(live, clients.Count(has => has.HasAll(all)), clients.Count);
    }

    // What is due in a scope, and the resources that hold it; none where nothing can hold it at present.
    private IReadOnlyList<(PlacedContribution Item, IReadOnlyList<XdsResource> Carriers)> Items(LiveScope live, XdsSnapshot snapshot, ScopeContributions contributions)
    {
        var placed = _placed.GetValue(snapshot, made => Placed.Of(made, contributions));
        if (placed.Contributions != contributions.All)
        {
            _placed.AddOrUpdate(snapshot, placed = Placed.Of(snapshot, contributions));
        }

        // Where another has the place, nobody is to have it; where proxies are held, nobody gets it.
        return
        [
            .. contributions.All.Where(item => placed.Carriers.Contains(item) || live.IsHeld)
                .Select(item => (item, (IReadOnlyList<XdsResource>)[.. placed.Carriers[item]])),
            .. contributions.LeftOut.Select(left => (left.Item, (IReadOnlyList<XdsResource>)[])),
        ];
    }

    private ILookup<string, XdsResource> Named(XdsSnapshot snapshot) => _named.GetValue(snapshot, static made => ProxyHoldings.Types.SelectMany(type => made.InOrder(type))
        .SelectMany(resource => NamedObjects.In(resource).Select(name => (name, resource))).ToLookup(entry => entry.name, entry => entry.resource, StringComparer.Ordinal));

    private static int Acknowledged(IReadOnlyList<ProxyHoldings.Client> clients, IReadOnlyList<(PlacedContribution Item, IReadOnlyList<XdsResource> Carriers)> pieces)
        => pieces.Any(piece => piece.Carriers.Count == 0) ? 0 : clients.Count(has => pieces.All(piece => piece.Carriers.All(has.Has)));

    // What requests it is for is not what it was made from.
    private static IEnumerable<ResourceKey> ObjectsOf(PlacedContribution item) => item.Objects.Where(key => key != PlacedContribution.PluginKey(item.Plugin) && key != item.Target.Route?.Key);

    private static Count Find(Dictionary<string, Count> counts, string name) => counts.TryGetValue(name, out var known) ? known : counts[name] = new();

    private sealed record Placed(EquatableArray<PlacedContribution> Contributions, ILookup<PlacedContribution, XdsResource> Carriers)
    {
        public static Placed Of(XdsSnapshot snapshot, ScopeContributions contributions)
        {
            var parts = new ContributedParts(contributions.All);
            return new(contributions.All, ProxyHoldings.Types.SelectMany(type => snapshot.InOrder(type)).SelectMany(resource => parts.In(resource).Select(item => (item, resource)))
                .ToLookup(pair => pair.item, pair => pair.resource));
        }
    }

    private sealed class Count
    {
        private readonly SortedDictionary<string, ProxyShare> _targets = new(StringComparer.Ordinal);
        private ProxyShare _proxies = new(0, 0);
        private int _held;

        public List<Refusal> Refused { get; } = [];

        public ObjectProgress Progress => new()
        {
            Proxies = _proxies, Held = _held, Refused = [.. Refused.OrderByDescending(refusal => refusal.At).ThenBy(refusal => refusal.Proxy, StringComparer.Ordinal)],
            Targets = [.. _targets.Select(target => new TargetStatus(target.Key, target.Value))],
        };

        public void Add(LiveScope live, int acknowledged, int clients)
        {
            _proxies = Sum(_proxies, acknowledged, clients);
            _held += live.IsHeld ? clients : 0;
        }

        public void At(string target, int acknowledged, int clients) => _targets[target] = Sum(_targets.GetValueOrDefault(target, new(0, 0)), acknowledged, clients);

        private static ProxyShare Sum(ProxyShare share, int acknowledged, int clients) => new(share.Selected + clients, share.Acknowledged + acknowledged);
    }
}
