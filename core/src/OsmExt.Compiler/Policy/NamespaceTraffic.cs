using System.Collections.Immutable;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>The services of a namespace with all that policy says of them: where their traffic goes, and how clients treat them.</summary>
/// <param name="Services">The services, sorted.</param>
/// <param name="Findings">What is wrong with what is said.</param>
internal sealed record NamespaceTraffic(MeshService[] Services, EquatableArray<Diagnostic> Findings)
{
    private SplitMemo? _splits;
    private ObjectMemo<MeshService, Written, MeshService>? _written;

    public static NamespaceTraffic Of(Input input, NamespaceTraffic? before)
    {
        var diagnostics = new DiagnosticBag();
        var splits = new SplitMemo(before?._splits);
        var written = new ObjectMemo<MeshService, Written, MeshService>(before?._written);
        var applied = TrafficSplits.Apply(input.Services.Backends, input.Splits, input.Groups, splits, diagnostics);
        MeshService[] services = applied.Count == 0 ? input.Services.All : [.. input.Services.All.Select(service => applied.GetValueOrDefault(service, service))];
        var roots = SplitBackends.RootsOf(applied.Values);
        var settings = UpstreamPolicies.Of(services, input.Settings, diagnostics);
        MeshService[] all =
        [
            .. services.Select(service => new Written(SplitBackends.NamesOf(service, roots), settings.Count == 0 ? null : settings.GetValueOrDefault(service.Name.Fqdn)) is var about && about.IsNothing
                ? service
                : written.Get(service, about, static (of, written) => written.On(of))),
        ];
        return new(Interned.Services(all, before?.Services), diagnostics.Sorted()) { _splits = splits.Done(), _written = written.Done() };
    }

    /// <summary>All that it is made from.</summary>
    /// <param name="Services">The services.</param>
    /// <param name="Splits">The namespace's TrafficSplits.</param>
    /// <param name="Groups">Its HTTPRouteGroups, if any split names one.</param>
    /// <param name="Settings">Its UpstreamTrafficSettings.</param>
    internal readonly record struct Input(
        SettledServices Services, ImmutableSortedDictionary<ResourceKey, Resource> Splits, ImmutableSortedDictionary<ResourceKey, Resource> Groups,
        ImmutableSortedDictionary<ResourceKey, Resource> Settings);

    private readonly record struct Written(EquatableArray<SplitRoot> Roots, UpstreamTrafficSetting? Setting)
    {
        public bool IsNothing => Roots.IsEmpty && Setting is null;

        public MeshService On(MeshService service)
        {
            var introduced = Roots.IsEmpty ? service : service with { SplitRoots = Roots };
            return Setting is null ? introduced : introduced with { Upstream = Setting.Settings, UpstreamOrigin = Setting.Key };
        }
    }
}
