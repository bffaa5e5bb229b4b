using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.Compiler.Contributions;

/// <summary>Whole clusters and listeners that plugins bring. Their names carry the plugin's, so they never meet the mesh's own.</summary>
internal static class ContributedResources
{
    /// <param name="frame">Whose.</param>
    /// <param name="services">The services of the mesh that contributed clusters lead to (<see cref="ContributedClusters.ServicesOf"/>).</param>
    /// <param name="own">The services these proxies serve.</param>
    public static IEnumerable<Passed> Of(ScopeView frame, EquatableArray<MeshService> services, EquatableArray<MeshService> own)
        => new[] { Direction.Inbound, Direction.Outbound }.SelectMany(direction => new[] { ContributionPoint.Cluster, ContributionPoint.Listener }
                .SelectMany(point => frame.Contributions.ForProxy(point, direction)))
            .DistinctBy(item => (item.Message.Descriptor, NameOf(item.Message)))
            .Select(item => Marked(item) is var message && (message is Cluster cluster ? ContributedClusters.Complete(cluster, frame, services) : message) is { } whole
                ? ResourceGate.Pass(new(whole, NameOf(whole), [.. item.Objects.Select(key => key.ToString())]), frame.Scope)
                : new Passed(null, ContributedClusters.Unreachable(item, frame, own)));

    public static IEnumerable<FilterChain> Chains(ScopeContributions contributions)
        => contributions.At(ContributionPoint.FilterChain, Direction.Inbound)
            .DistinctBy(item => ((FilterChain)item.Message).FilterChainMatch)
            .Select(item => Observed(item, contributions));

    // A request that comes in from outside the mesh passes a chain of one plugin, and is observed by all.
    private static FilterChain Observed(PlacedContribution item, ScopeContributions contributions)
    {
        var chain = (FilterChain)Marked(item);
        var observers = new[] { ContributionPoint.AccessLog, ContributionPoint.Tracing }.Select(point => contributions.At(point, Direction.Ingress)).ToArray();
        if (observers.Any(items => items.Count > 0))
        {
            Observe(chain, contributions);
            chain.Metadata = Provenance.Merge(chain.Metadata, Provenance.Of(item.Objects.Concat(FilterOrder.ObjectsOf(observers))));
        }

        Generation.Mark(chain, contributions);
        return chain;
    }

    private static void Observe(FilterChain chain, ScopeContributions contributions)
    {
        foreach (var filter in chain.Filters.Where(filter => filter.TypedConfig?.Is(Connection.Descriptor) == true))
        {
            var connection = filter.TypedConfig.Unpack<Connection>();
            HttpConnections.Observe(connection, contributions, Direction.Ingress, null);
            filter.TypedConfig = Protos.Pack(connection);
        }
    }

    public static string NameOf(IMessage message) => message switch
    {
        Cluster cluster => cluster.Name,
        Listener listener => listener.Name,
        FilterChain chain => chain.Name,
        VirtualHost host => host.Name,
        _ => "",
    };

    /// <summary>The configuration, with whom it comes from in its metadata.</summary>
    public static IMessage Marked(PlacedContribution item)
    {
        var metadata = Provenance.Of(item.Objects);
        switch (item.Message)
        {
            case Cluster cluster:
                cluster = cluster.Clone();
                cluster.Metadata = Provenance.Merge(cluster.Metadata, metadata);
                return cluster;
            case Listener listener:
                listener = listener.Clone();
                listener.Metadata = Provenance.Merge(listener.Metadata, metadata);
                return listener;
            case FilterChain chain:
                chain = chain.Clone();
                chain.Metadata = Provenance.Merge(chain.Metadata, metadata);
                return chain;
            case VirtualHost host:
                host = host.Clone();
                host.Metadata = Provenance.Merge(host.Metadata, metadata);
                return host;
            default:
                return item.Message;
        }
    }
}
