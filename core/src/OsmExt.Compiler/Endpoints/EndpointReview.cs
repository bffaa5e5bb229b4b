using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Endpoints;

/// <summary>
/// Findings that change with every pod: services nobody serves. Apart from policy, so that a pod coming or going recompiles none.
/// </summary>
internal static class EndpointReview
{
    public static EquatableArray<Diagnostic> Of(Mesh mesh, EndpointTable endpoints, ResourceSnapshot snapshot)
    {
        var diagnostics = new DiagnosticBag(snapshot);
        foreach (var group in mesh.Services.Where(service => service.Name.Subdomain.Length == 0 && !service.IsSplit).GroupBy(service => service.Name))
        {
            var key = new ResourceKey(nameof(Service), group.Key.Namespace, group.Key.Name);
            var idle = group.Where(service => !endpoints[service.Name].For(service.PortName).Any()).Select(service => service.Port).ToArray();
            if (idle.Length > 0 && snapshot.Find<Service>(key) is { Selector.IsEmpty: false } written)
            {
                diagnostics.Note(DiagnosticCodes.NoEndpoints, written, "spec.selector",
                    $"port {string.Join(", ", idle)} has no ready endpoints, so what is sent there fails", "Start a pod that the selector picks, or see why none is ready");
            }
        }

        return diagnostics.Sorted();
    }
}
