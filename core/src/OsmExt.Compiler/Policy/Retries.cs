using System.Collections.Immutable;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Turns Retry objects into one rule for each client and service. They count only where the mesh's configuration says so.</summary>
/// <param name="Rules">The rules, sorted by client and service.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record Retries(EquatableArray<RetryRule> Rules, EquatableArray<Diagnostic> Findings)
{
    public static Retries Of(Input input, Retries? before)
    {
        var diagnostics = new DiagnosticBag();
        var known = input.Services.SelectMany(all => all).Where(service => service.Name.Subdomain.Length == 0).Select(service => service.Name).ToHashSet();
        var rules = new SortedDictionary<(WorkloadIdentity Client, ServiceName Service), RetryRule>();
        foreach (var retry in input.Objects.SelectMany(table => table.Values).Cast<Retry>().OldestFirst())
        {
            if (!input.IsOn)
            {
                diagnostics.Warning(DiagnosticCodes.IgnoredObject, retry, "", "retries are off in this mesh, so it has no effect",
                    "Set spec.featureFlags.enableRetryPolicy in the MeshConfig");
                continue;
            }

            Add(retry);
        }

        EquatableArray<RetryRule> all = [.. rules.Values];
        return new(all == before?.Rules ? before.Rules : all, diagnostics.Sorted());

        void Add(Retry retry)
        {
            var client = new WorkloadIdentity(input.TrustDomain, retry.Source.Namespace, retry.Source.Name);
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

    /// <summary>All that they are made from.</summary>
    /// <param name="IsOn">Whether the mesh's configuration says so.</param>
    /// <param name="TrustDomain">In which identities are written.</param>
    /// <param name="Objects">The Retry objects of each namespace that has any.</param>
    /// <param name="Services">The services of the mesh by namespace; none where there are no Retry objects.</param>
    internal readonly record struct Input(
        bool IsOn, string TrustDomain, EquatableArray<ImmutableSortedDictionary<ResourceKey, Resource>> Objects, EquatableArray<MeshService[]> Services);
}
