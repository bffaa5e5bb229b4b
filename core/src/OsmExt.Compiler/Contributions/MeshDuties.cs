using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Contributions;

/// <summary>What the MeshConfig asks for and the mesh leaves to plugins. It restricts, so where no plugin carries it out nothing is let in.</summary>
internal static class MeshDuties
{
    /// <summary>Whether requests may be let in at a port: nothing is asked for, or every chain that leads there has somebody who does it.</summary>
    public static bool IsCarriedOut(ScopeView view, int targetPort)
        => view.Settings.InboundAuthorization is null || InboundListener.Accepting(view)
            .Where(service => service.TargetPort == targetPort && service.Protocol.IsHttp())
            .All(service => view.Contributions.At(ContributionPoint.HttpFilter, Direction.Inbound, service)
                .Any(item => item.Slot.Duty == MeshDuty.InboundAuthorization));

    /// <summary>What is asked for and no plugin in force does.</summary>
    public static IEnumerable<Diagnostic> Review(Mesh mesh, IMeshContributions contributions, ResourceSnapshot snapshot)
    {
        if (mesh.Settings.InboundAuthorization is { } server && !contributions.Duties.Contains(MeshDuty.InboundAuthorization)
            && snapshot.All<MeshConfig>().FirstOrDefault(config => config.InboundAuthorization == server) is { } asking)
        {
            yield return new(DiagnosticCodes.NotCarriedOut, Severity.Error, asking.Key, "spec.traffic.inboundExternalAuthorization.enable",
                "No plugin asks the authorization server, so no HTTP request is let in anywhere", "Install the plugin ExternalAuth, or turn it off",
                snapshot.LocationOf(asking.Key));
        }
    }
}
