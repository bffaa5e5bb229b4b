using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>
/// A few proxies may call every service, as gateways do; only they connect. W8: 50 namespaces of 100 services with a pod and routes each; every two seconds a pod is replaced
/// and two services' traffic is split anew. W9: services come one at a time, up to 3,000 more than there are at first. Or both, the first beside the second.
/// </summary>
internal sealed class GatewayWorkload(FleetOptions options, bool grows, bool churns) : Workload(options)
{
    private const int PerNamespace = 100;
    private const int Most = 3000;
    private const int Bucket = 500;
    private readonly MeshDraft _mesh = new(permissive: false);
    private DraftService? _gateway;

    public override string Title => grows && churns
        ? string.Create(CultureInfo.InvariantCulture, $"services with routes come one at a time, while of {First} others pods are replaced and traffic is split anew; {Options.Proxies} gateways see all")
        : grows ? string.Create(CultureInfo.InvariantCulture, $"services with routes come one at a time, {Options.Services} being there; {Options.Proxies} gateways see all")
        : string.Create(CultureInfo.InvariantCulture, $"{First} services with routes in namespaces of {PerNamespace}; {Options.Proxies} gateways see all");

    private int First => !churns || Options.Services > 0 ? Options.Services : 5000;

    private IReadOnlyList<DraftService> Routed => _mesh.Services[1..];

    public override IReadOnlyList<Resource> Start()
    {
        _gateway = _mesh.Add("gateway", "gateway", Options.Proxies);
        for (var index = 0; index < First; index++)
        {
            Add();
        }

        return [.. _mesh.Objects, .. Routed.SelectMany(service => MeshDraft.Access(service, [_gateway])), .. churns ? Routed.Select(service => Split(service, 50)) : []];
    }

    public override IEnumerable<Step> Steps() => grows ? Growing() : WarmUp(Options.WarmUp, () => Random.Next(3) == 0 ? Pod() : Route()).Concat(Ongoing());

    public override IEnumerable<Step> Alongside() => grows && churns ? Ongoing() : [];

    protected override bool HasProxy(Pod pod) => pod.Metadata.Namespace == "gateway";

    private IEnumerable<Step> Growing()
    {
        for (var added = 0; added < Most + Options.WarmUp; added++)
        {
            var before = _mesh.Services.Count - 1;
            var service = Add();
            IEnumerable<Resource> objects = [.. service.Objects, .. MeshDraft.Access(service, [_gateway!])];
            // Namespaces are no news after the first service in them.
            var ns = before % PerNamespace == 0 ? [MeshDraft.Namespace(service.Namespace)] : Array.Empty<Resource>();
            yield return new(string.Create(CultureInfo.InvariantCulture, $"route added, beside {before / Bucket * Bucket} to {(before / Bucket * Bucket) + Bucket - 1}"), [.. ns.Concat(objects).Select(MeshDraft.Set)])
            {
                Subject = service.Name,
                IsWarmUp = added < Options.WarmUp,
            };
        }
    }

    private IEnumerable<Step> Ongoing()
    {
        while (true)
        {
            yield return Route() with { Pause = 2 * Second / 3 };
            yield return Route() with { Pause = 2 * Second / 3 };
            yield return Pod() with { Pause = 2 * Second / 3 };
        }
    }

    private Step Route() => new("route", [MeshDraft.Set(Split(Any(), 1 + Random.Next(99)))]);

    // What a gateway's routes say of a service: how much goes to it and how much to another.
    private TrafficSplit Split(DraftService service, int weight) => new(new(service.Namespace, $"{service.Name}-split"))
    {
        Service = service.Name,
        Backends = [new SplitBackend(service.Name, weight), new SplitBackend(PartnerOf(service).Name, 100 - weight)],
    };

    private DraftService PartnerOf(DraftService service)
    {
        var index = _mesh.Services.IndexOf(service) - 1;
        return index % PerNamespace == 0 ? _mesh.Services[Math.Min(index + 2, _mesh.Services.Count - 1)] : _mesh.Services[index];
    }

    private Step Pod() => _mesh.Rotate("pod replaced", Any(), 1, withProxies: false);

    private DraftService Add()
    {
        var index = _mesh.Services.Count - 1;
        return _mesh.Add(string.Create(CultureInfo.InvariantCulture, $"ns-{index / PerNamespace:d3}"), string.Create(CultureInfo.InvariantCulture, $"svc-{index:d5}"), 1);
    }

    private DraftService Any() => _mesh.Services[1 + Random.Next(First)];
}
