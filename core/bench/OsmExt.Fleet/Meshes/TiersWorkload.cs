using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>
/// W7: groups of three tiers with 10, 83 and 85 instances. A tier calls the next one and two services that all share; endpoints of a shared one go and come back.
/// </summary>
internal sealed class TiersWorkload(FleetOptions options) : Workload(options)
{
    private static readonly int[] Instances = [10, 83, 85];
    private const int SharedInstances = 10;
    private readonly MeshDraft _mesh = new(permissive: false);

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{Groups} groups of tiers with 10, 83 and 85 instances, two services shared by all");

    private int Groups => Math.Max(1, Options.Proxies / Instances.Sum());

    public override IReadOnlyList<Resource> Start()
    {
        DraftService[] shared = [_mesh.Add("shared", "service-hey", SharedInstances), _mesh.Add("shared", "service-hi", SharedInstances)];
        var access = new List<Resource>();
        for (var group = 0; group < Groups; group++)
        {
            var ns = string.Create(CultureInfo.InvariantCulture, $"group-{group:d3}");
            DraftService[] tiers = [.. Instances.Select((count, tier) => _mesh.Add(ns, string.Create(CultureInfo.InvariantCulture, $"tier-{tier + 1}"), count))];
            access.AddRange(tiers.Skip(1).SelectMany((tier, before) => MeshDraft.Access(tier, [tiers[before]])));
        }

        return [.. _mesh.Objects, .. access, .. shared.SelectMany(service => MeshDraft.Access(service, _mesh.Services.Except(shared)))];
    }

    public override IEnumerable<Step> Steps()
    {
        Step Endpoint() => new("endpoint of a service that all call", [_mesh.Services[0].Toggle()]);
        return WarmUp(Options.WarmUp, Endpoint).Concat(Enumerable.Range(0, int.MaxValue).Select(_ => Endpoint() with { Pause = 2 * Second }));
    }

    protected override bool HasProxy(Pod pod) => pod.Metadata.Namespace != "shared";
}
