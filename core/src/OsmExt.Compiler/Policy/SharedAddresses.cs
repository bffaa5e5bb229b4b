using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Finds Services that claim an address another one has.</summary>
internal static class SharedAddresses
{
    /// <param name="services">The Services of all namespaces, in order.</param>
    public static Diagnostic[] Of(IEnumerable<Service[]> services)
    {
        var diagnostics = new DiagnosticBag();
        var owners = new Dictionary<string, Service>(StringComparer.Ordinal);
        foreach (var service in services.SelectMany(static all => all))
        {
            foreach (var address in service.ClusterAddresses)
            {
                if (!owners.TryAdd(address, service))
                {
                    diagnostics.Error(DiagnosticCodes.Conflict, service, "spec.clusterIP",
                        $"{address} already belongs to {owners[address].Key}, which keeps it", "Give every Service its own cluster IP");
                }
            }
        }

        return [.. diagnostics.Sorted()];
    }
}
