using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Turns Retry objects into one rule for each client and service. They count only where the mesh's configuration says so.</summary>
internal static class Retries
{
    public static EquatableArray<RetryRule> Of(
        ResourceSnapshot snapshot, MonitoredNamespaces namespaces, MeshSettings settings, IReadOnlyList<MeshService> services, DiagnosticBag diagnostics)
    {
        var known = services.Where(service => service.Name.Subdomain.Length == 0).Select(service => service.Name).ToHashSet();
        var rules = new SortedDictionary<(WorkloadIdentity Client, ServiceName Service), RetryRule>();
        foreach (var retry in namespaces.All<Retry>(snapshot).OldestFirst())
        {
            if (!settings.RetryPolicy)
            {
                diagnostics.Warning(DiagnosticCodes.IgnoredObject, retry, "", "retries are off in this mesh, so it has no effect",
                    "Set spec.featureFlags.enableRetryPolicy in the MeshConfig");
                continue;
            }

            Add(retry);
        }

        return [.. rules.Values];

        void Add(Retry retry)
        {
            var client = new WorkloadIdentity(settings.TrustDomain, retry.Source.Namespace, retry.Source.Name);
            for (var index = 0; index < retry.Destinations.Count; index++)
            {
                var service = new ServiceName(retry.Destinations[index].Namespace, retry.Destinations[index].Name);
                if (!known.Contains(service))
                {
                    diagnostics.Warning(DiagnosticCodes.DanglingReference, retry, $"spec.destinations[{index}]",
                        $"there is no service {service} that the mesh carries", "Create the Service, or correct its name");
                }
                else if (!rules.TryAdd((client, service), new(client, service, retry.Settings, retry.Key)) && rules[(client, service)].Origin != retry.Key)
                {
                    diagnostics.Error(DiagnosticCodes.Conflict, retry, $"spec.destinations[{index}]",
                        $"{rules[(client, service)].Origin} already says how {client.Namespace}/{client.ServiceAccount} retries requests to {service} and came first",
                        "Keep one Retry for each client and service");
                }
            }
        }
    }
}
