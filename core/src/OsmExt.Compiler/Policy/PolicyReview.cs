using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Looks at the finished policy for what is legal but surely not meant.</summary>
internal static class PolicyReview
{
    public static void Report(Mesh mesh, ResourceSnapshot snapshot, DiagnosticBag diagnostics)
    {
        foreach (var service in mesh.Services.Where(service => service.Name.Subdomain.Length == 0))
        {
            var key = new ResourceKey(nameof(Service), service.Name.Namespace, service.Name.Name);
            if (snapshot.Find<Service>(key) is not { } written || !service.Split.IsEmpty)
            {
                continue;
            }

            if (written.Selector.IsEmpty)
            {
                diagnostics.Warning(DiagnosticCodes.AdmitsNobody, written, "spec.selector",
                    "it selects no pods, so no identity can answer for it and clients refuse to connect", "Give it a selector");
            }
        }
    }
}
