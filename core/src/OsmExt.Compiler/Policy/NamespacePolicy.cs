using System.Collections.Immutable;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// The policy of one namespace, step by step, each with all it was made from: what depends on nothing outside the namespace, and, once it is known who has which address, the rest.
/// A namespace in which nothing changed costs a few comparisons of references.
/// </summary>
internal sealed record NamespacePolicy(
    Remembered<NamespacePolicy.PodsInput, WorkloadIndex.Known> Workloads,
    Remembered<NamespaceServices.Input, NamespaceServices> Plain,
    Remembered<AccessPolicies.Input, AccessPolicies> Access,
    Remembered<NamespacePolicy.SplitsInput, NamespacePolicy.SplitFacts> Splits,
    Remembered<SettledServices.Input, SettledServices>? Settled,
    Remembered<NamespaceTraffic.Input, NamespaceTraffic>? Traffic,
    Remembered<PolicyReview.Input, PolicyReview>? Review)
{
    /// <summary>What depends on nothing outside the namespace.</summary>
    public static NamespacePolicy Begin(string ns, ResourceSnapshot snapshot, EndpointTable endpoints, string trustDomain, NamespacePolicy? before)
    {
        var workloads = Remembered<PodsInput, WorkloadIndex.Known>.Of(before?.Workloads, new(snapshot.In<Pod>(ns), trustDomain), static (input, known) => WorkloadIndex.Of(input.Pods, input.TrustDomain, known));
        var plain = Remembered<NamespaceServices.Input, NamespaceServices>.Of(before?.Plain, new(snapshot.In<Service>(ns), endpoints.In(ns), workloads.Value.Index), ServiceModel.Of);
        var access = Remembered<AccessPolicies.Input, AccessPolicies>.Of(
            before?.Access, new(trustDomain, snapshot.In<TrafficTarget>(ns), snapshot.In<HttpRouteGroup>(ns), snapshot.In<TcpRoute>(ns)), AccessPolicies.Of);
        var splits = Remembered<SplitsInput, SplitFacts>.Of(before?.Splits, new(snapshot.In<TrafficSplit>(ns)), static (input, _) => new(input.Splits.Values.Cast<TrafficSplit>().Any(split => !split.Matches.IsEmpty)));
        return new(workloads, plain, access, splits, before?.Settled, before?.Traffic, before?.Review);
    }

    /// <summary>The rest.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="snapshot">The objects.</param>
    /// <param name="losses">Which of its services lose addresses to others.</param>
    /// <param name="permissive">Whether what identities accept does not count.</param>
    public NamespacePolicy End(string ns, ResourceSnapshot snapshot, EquatableArray<AddressLoss> losses, bool permissive)
    {
        var (splits, settings) = (Splits.Input.Splits, snapshot.In<UpstreamTrafficSetting>(ns));
        var settled = Remembered<SettledServices.Input, SettledServices>.Of(Settled, new(Plain.Value.All, losses), SettledServices.Of);
        var groups = Splits.Value.NameGroups ? snapshot.In<HttpRouteGroup>(ns) : ImmutableSortedDictionary<ResourceKey, Resource>.Empty;
        var traffic = Remembered<NamespaceTraffic.Input, NamespaceTraffic>.Of(Traffic, new(settled.Value, splits, groups, settings), NamespaceTraffic.Of);
        var review = Remembered<PolicyReview.Input, PolicyReview>.Of(
            Review, new(traffic.Value.Services, snapshot.In<Service>(ns), settings, settings.IsEmpty ? [] : Access.Value.Inbound, permissive), static (input, _) => PolicyReview.Of(input));
        return this with { Settled = settled, Traffic = traffic, Review = review };
    }

    /// <summary>The pods, and in which trust domain identities are written.</summary>
    internal readonly record struct PodsInput(ImmutableSortedDictionary<ResourceKey, Resource> Pods, string TrustDomain);

    /// <summary>The TrafficSplits.</summary>
    internal readonly record struct SplitsInput(ImmutableSortedDictionary<ResourceKey, Resource> Splits);

    /// <summary>What is to be known of splits before they are applied.</summary>
    /// <param name="NameGroups">Whether any names an HTTPRouteGroup.</param>
    internal sealed record SplitFacts(bool NameGroups);
}
