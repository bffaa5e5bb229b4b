using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>A permissive mesh, in which everyone sees everything: W4 (one service), W5 (1,000), W6 (50, whose pods are replaced all the time).</summary>
internal sealed class OpenWorkload(FleetOptions options, int services, bool rotates) : Workload(options)
{
    private const string Namespace = "open";
    private readonly MeshDraft _mesh = new(permissive: true);
    private int _added;
    private DraftService? _more;

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{services} services, {Options.Proxies} proxies, everyone sees everything");

    public override double Pace => rotates ? 5 : 1;

    public override IReadOnlyList<Resource> Start()
    {
        for (var index = 0; index < services; index++)
        {
            _mesh.Add(Namespace, string.Create(CultureInfo.InvariantCulture, $"svc-{index:d4}"), Math.Max(1, (Options.Proxies + services - 1) / services));
        }

        return [.. _mesh.Objects, .. rotates ? [Split(50)] : Array.Empty<Resource>()];
    }

    public override IEnumerable<Step> Steps() => WarmUp(Options.WarmUp, Endpoint).Concat(rotates ? Rotating() : Ongoing());

    private IEnumerable<Step> Ongoing()
    {
        for (var step = 1; ; step++)
        {
            yield return Endpoint() with { Pause = Second };
            if (step % 10 == 0)
            {
                yield return services > 1 ? ServiceChange() : Churn(step % 20 == 0 ? 50 : 25);
            }
        }
    }

    // Every 10 seconds five pods, every 5 seconds a route.
    private IEnumerable<Step> Rotating()
    {
        while (true)
        {
            yield return _mesh.Rotate("five pods replaced", Any(), 5) with { Pause = 5 * Second };
            yield return new("split", [MeshDraft.Set(Split(1 + Random.Next(99)))]);
            yield return new("split", [MeshDraft.Set(Split(1 + Random.Next(99)))]) { Pause = 5 * Second };
        }
    }

    private Step Endpoint() => new("endpoint, all see it", [Any().Toggle()]);

    private Step Churn(int percent)
        => _mesh.Rotate(string.Create(CultureInfo.InvariantCulture, $"{percent} % of the pods replaced"), _mesh.Services[0], Math.Max(1, _mesh.Services[0].Pods.Count * percent / 100)) with { Pause = 5 * Second };

    // A service comes; the next time it goes.
    private Step ServiceChange()
    {
        var service = _more ??= _mesh.Aside(Namespace, "svc-added");
        return _added++ % 2 == 0
            ? new("service added, all see it", [MeshDraft.Set(service.Service), MeshDraft.Set(service.Slice)])
            : new("service removed, all see it", [MeshDraft.Remove(service.Service), MeshDraft.Remove(service.Slice)]);
    }

    private TrafficSplit Split(int weight) => new(new(Namespace, "split"))
    {
        Service = _mesh.Services[0].Name,
        Backends = [new SplitBackend(_mesh.Services[1].Name, weight), new SplitBackend(_mesh.Services[2].Name, 100 - weight)],
    };

    private DraftService Any() => _mesh.Services[Random.Next(_mesh.Services.Count)];
}
