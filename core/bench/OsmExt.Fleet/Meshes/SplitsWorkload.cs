using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>
/// W2: again and again a server namespace of 5 services with 2 pods each comes, two client namespaces of 5 pods, a route group for each client and TrafficTargets that let it call all five, and a root service
/// split evenly over the 5; until there are so many pods.
/// </summary>
internal sealed class SplitsWorkload(FleetOptions options) : Workload(options)
{
    private const int PodsEach = 20;
    private const int Bucket = 400;
    private const int WarmUps = 3;
    private readonly MeshDraft _mesh = new(permissive: false);

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"iterations of 20 pods with a split over five services, up to {Options.Proxies} pods");

    public override double Seconds => 150;

    public override IReadOnlyList<Resource> Start() => [.. _mesh.Objects];

    public override IEnumerable<Step> Steps()
    {
        for (var iteration = 0; (iteration + 1) * PodsEach <= Options.Proxies; iteration++)
        {
            yield return Iteration(iteration) with { IsWarmUp = iteration < WarmUps };
        }
    }

    private Step Iteration(int iteration)
    {
        var number = iteration.ToString("d3", CultureInfo.InvariantCulture);
        DraftService[] servers = [.. Enumerable.Range(0, 5).Select(index => _mesh.Add($"server-{number}", $"server-{index}", 2))];
        DraftService[] clients = [.. Enumerable.Range(0, 2).SelectMany(ns => Enumerable.Range(0, 5).Select(index => _mesh.Add($"client-{number}-{ns}", $"client-{index}", 1)))];
        var root = _mesh.Aside($"server-{number}", "root");
        var split = new TrafficSplit(new($"server-{number}", "split")) { Service = "root", Backends = [.. servers.Select(server => new SplitBackend(server.Name, 20))] };
        DraftService[] all = [.. servers, .. clients];
        IEnumerable<Resource> objects =
        [
            .. all.Select(service => service.Namespace).Distinct(StringComparer.Ordinal).Select(MeshDraft.Namespace), .. all.SelectMany(service => service.Objects), root.Service, split,
            .. clients.SelectMany((client, index) => Access(client, servers[index % 5], servers)),
        ];
        var pods = (iteration + 1) * PodsEach;
        var kind = string.Create(CultureInfo.InvariantCulture, $"iteration, {((pods - 1) / Bucket * Bucket) + 1} to {((pods - 1) / Bucket * Bucket) + Bucket} pods");
        return new(pods % Bucket == 0 ? string.Create(CultureInfo.InvariantCulture, $"iteration that makes it {pods} pods") : kind, [.. objects.Select(MeshDraft.Set)])
        {
            Joins = [.. all.SelectMany(service => service.Pods.Select(service.NameOf))],
        };
    }

    // Two clients, one of each namespace, call every server by a TrafficTarget of their own.
    private static IEnumerable<Resource> Access(DraftService client, DraftService server, DraftService[] servers)
    {
        var name = $"{client.Namespace}-{client.Name}";
        yield return new HttpRouteGroup(new(server.Namespace, $"{name}-routes")) { Matches = [new HttpMatch("all")] };
        foreach (var each in servers)
        {
            yield return new TrafficTarget(new(server.Namespace, $"{name}-{each.Name}"))
            {
                Destination = each.Identity, Sources = [client.Identity], Rules = [new TrafficTargetRule("HTTPRouteGroup", $"{name}-routes", [])],
            };
        }
    }
}
