using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>Whole clusters and listeners that plugins bring. Their names carry the plugin's, so they never meet the mesh's own.</summary>
internal static class ContributedResources
{
    public static IEnumerable<Draft> Of(ScopeContributions contributions)
        => new[] { Direction.Inbound, Direction.Outbound }.SelectMany(direction => Of(contributions, direction));

    private static IEnumerable<Draft> Of(ScopeContributions contributions, Direction direction)
        => contributions.At(ContributionPoint.Cluster, direction).Concat(contributions.At(ContributionPoint.Listener, direction))
            .Select(item => new Draft(Marked(item), NameOf(item.Message), [.. item.Objects.Select(key => key.ToString())]))
            .DistinctBy(draft => (draft.Message.Descriptor, draft.Name));

    public static IEnumerable<FilterChain> Chains(ScopeContributions contributions)
        => contributions.At(ContributionPoint.FilterChain, Direction.Inbound)
            .DistinctBy(item => ((FilterChain)item.Message).FilterChainMatch)
            .Select(item => (FilterChain)Marked(item));

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
