using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>Whether requests are judged where the MeshConfig wants it, which the mesh leaves to plugins. It restricts, so where no plugin carries it out nothing is let in.</summary>
internal static class InboundAuthorization
{
    /// <summary>Whether requests may be let in at a port: nothing is asked for, or every chain that leads there has somebody who does it.</summary>
    public static bool IsCarriedOut(ScopeView view, int targetPort)
        => InboundListener.Accepting(view).Where(service => service.TargetPort == targetPort && service.Protocol.IsHttp()).All(service => IsCarriedOut(view, service));

    /// <summary>Whether requests for a service may be let in; null for none in particular, which nobody guards.</summary>
    public static bool IsCarriedOut(ScopeView view, MeshService? service)
        => view.Settings.InboundAuthorization is null || (service is not null && view.Contributions.At(ContributionPoint.HttpFilter, Direction.Inbound, service)
            .Any(item => item.Slot.Setting == MeshSetting.InboundAuthorization));
}
