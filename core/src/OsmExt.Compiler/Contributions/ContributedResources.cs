using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>Whole clusters and listeners that plugins bring. Their names carry the plugin's, so they never meet the mesh's own.</summary>
internal static class ContributedResources
{
    /// <param name="frame">Whose.</param>
    /// <param name="services">The services of the mesh that contributed clusters lead to (<see cref="ContributedClusters.ServicesOf"/>).</param>
    /// <param name="own">The services these proxies serve.</param>
    public static IEnumerable<Passed> Of(ScopeView frame, EquatableArray<MeshService> services, EquatableArray<MeshService> own)
        => new[] { ContributionPoint.Cluster, ContributionPoint.Listener }.SelectMany(point => frame.Contributions.ForProxy(point))
            .DistinctBy(item => (item.Message.Descriptor, NameOf(item.Message)))
            .Select(item => Marked(item, frame) is var message && (message is Cluster cluster ? ContributedClusters.Complete(cluster, frame, services) : message) is { } whole
                ? ResourceGate.Pass(new(whole, NameOf(whole), [.. item.Objects.Select(key => key.ToString())]), frame.Scope)
                : new Passed(null, ContributedClusters.Unreachable(item, frame, own)));

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
