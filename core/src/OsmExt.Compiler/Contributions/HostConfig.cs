using Envoy.Config.Route.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>What plugins' filters do for one virtual host, and for single requests of it.</summary>
internal static class HostConfig
{
    public static void Apply(VirtualHost host, ScopeView view, Direction direction, MeshService service)
    {
        var contributed = view.Contributions.At(ContributionPoint.VirtualHostConfig, direction, service);
        foreach (var item in contributed)
        {
            host.TypedPerFilterConfig[PlacedContribution.NameOf(item.Plugin, item.Slot.Configures)] = (Any)item.Message;
        }

        if (contributed.Count > 0)
        {
            host.Metadata = Provenance.Merge(host.Metadata, Provenance.Of(
                FilterOrder.ObjectsOf([contributed])));
        }

        RouteConfig.Apply(host, view.Contributions.Routed(ContributionPoint.VirtualHostConfig, direction, service));
    }
}
