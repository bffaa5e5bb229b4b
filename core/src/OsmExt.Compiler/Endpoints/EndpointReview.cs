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
        foreach (var service in mesh.Services.Where(service => service.Name.Subdomain.Length == 0 && service.Split.IsEmpty))
        {
            var key = new ResourceKey(nameof(Service), service.Name.Namespace, service.Name.Name);
            if (snapshot.Find<Service>(key) is { } written && !endpoints[service.Name].For(service.PortName).Any())
            {
                diagnostics.Note(DiagnosticCodes.NoEndpoints, written, "spec.selector",
                    $"port {service.Port} has no ready endpoints, so requests to it fail", "Start a pod that the selector picks, or see why none is ready");
            }
        }

        return diagnostics.Sorted();
    }
}
