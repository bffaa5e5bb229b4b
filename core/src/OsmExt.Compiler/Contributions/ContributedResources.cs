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
    public static IEnumerable<Draft> Of(ScopeView frame)
        => new[] { Direction.Inbound, Direction.Outbound }.SelectMany(direction => Of(frame, direction));

    private static IEnumerable<Draft> Of(ScopeView frame, Direction direction)
        => frame.Contributions.At(ContributionPoint.Cluster, direction).Concat(frame.Contributions.At(ContributionPoint.Listener, direction))
            .Select(item => new Draft(Marked(item, frame), NameOf(item.Message), [.. item.Objects.Select(key => key.ToString())]))
            .DistinctBy(draft => (draft.Message.Descriptor, draft.Name));

    public static string NameOf(IMessage message) => message switch
    {
        Cluster cluster => cluster.Name,
        Listener listener => listener.Name,
        FilterChain chain => chain.Name,
        VirtualHost host => host.Name,
        _ => "",
    };

    /// <summary>The configuration, with whom it comes from in its metadata, and with this scope's secrets.</summary>
    public static IMessage Marked(PlacedContribution item, ScopeView view)
    {
        var metadata = Provenance.Of(item.Objects);
        IMessage marked;
        switch (item.Message)
        {
            case Cluster cluster:
                marked = cluster = cluster.Clone();
                cluster.Metadata = Provenance.Merge(cluster.Metadata, metadata);
                break;
            case Listener listener:
                marked = listener = listener.Clone();
                listener.Metadata = Provenance.Merge(listener.Metadata, metadata);
                break;
            case FilterChain chain:
                marked = chain = chain.Clone();
                chain.Metadata = Provenance.Merge(chain.Metadata, metadata);
                break;
            case VirtualHost host:
                marked = host = host.Clone();
                host.Metadata = Provenance.Merge(host.Metadata, metadata);
                break;
            default:
                return item.Message;
        }

        if (!item.Secrets.IsEmpty)
        {
            MeshSecrets.Resolve(marked, view);
        }

        return marked;
    }
}
