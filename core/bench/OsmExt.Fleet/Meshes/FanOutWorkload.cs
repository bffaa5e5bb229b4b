using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>W3: services of one pod, each with its own identity, all connecting at once; the first may call all others.</summary>
internal sealed class FanOutWorkload(FleetOptions options) : Workload(options)
{
    private readonly MeshDraft _mesh = new(permissive: false);

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{Options.Proxies} services of one pod connect at once; the first calls all others");

    public override int Stages => 1;

    public override double Seconds => 20;

    public override IReadOnlyList<Resource> Start()
    {
        for (var index = 0; index < Options.Proxies; index++)
        {
            _mesh.Add("echo", string.Create(CultureInfo.InvariantCulture, $"echo-{index:d4}"), 1);
        }

        return [.. _mesh.Objects, .. _mesh.Services.Skip(1).SelectMany(service => MeshDraft.Access(service, [_mesh.Services[0]]))];
    }

    public override IEnumerable<Step> Steps()
    {
        Step Endpoint() => new("endpoint, one sees it", [_mesh.Services[Random.Next(1, _mesh.Services.Count)].Toggle()]);
        return WarmUp(Options.WarmUp, Endpoint).Concat(Enumerable.Range(0, int.MaxValue).Select(_ => Endpoint() with { Pause = Second }));
    }
}
