using System.Globalization;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>
/// W1: namespaces of 20 services. A proxy sees its own namespace and one that all share. A pod becomes ready or ceases to be every 10 seconds, every third time in the
/// shared namespace; every 120 seconds a service's routes change.
/// </summary>
internal class NamespacesWorkload(FleetOptions options) : Workload(options)
{
    private const int PerNamespace = 20;
    private readonly MeshDraft _mesh = new(permissive: false);

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{_mesh.Services.Count} services in namespaces of {PerNamespace}; each proxy sees its own and a shared one");

    public override double Pace => 10;

    protected IReadOnlyList<DraftService> Services => _mesh.Services;

    protected MeshDraft Mesh => _mesh;

    protected virtual int PodsPerService => Math.Max(1, (Options.Proxies + ServiceCount - 1) / ServiceCount);

    /// <summary>How many services, from the first, anything happens to.</summary>
    protected virtual int Changing => _mesh.Services.Count;

    private int ServiceCount => Options.Services > 0 ? Options.Services : Math.Max(1, Options.Proxies / 2);

    public override IReadOnlyList<Resource> Start()
    {
        for (var index = 0; index < ServiceCount; index++)
        {
            _mesh.Add(string.Create(CultureInfo.InvariantCulture, $"ns-{index / PerNamespace:d3}"), NameOf(index % PerNamespace), PodsPerService);
        }

        var byNamespace = _mesh.Services.ToLookup(service => service.Namespace, StringComparer.Ordinal);
        return [.. _mesh.Objects, .. _mesh.Services.SelectMany(service => MeshDraft.Access(service, IsShared(service) ? _mesh.Services : byNamespace[service.Namespace]))];
    }

    public override IEnumerable<Step> Steps()
    {
        foreach (var warmUp in WarmUp(Options.WarmUp, () => Replica(Random.Next(2) == 0)))
        {
            yield return warmUp;
        }

        for (var step = 1; ; step++)
        {
            yield return Replica(step % 3 == 0) with { Pause = 10 * Second };
            if (step % 12 == 0)
            {
                yield return Route();
            }
        }
    }

    protected Step Replica(bool shared)
    {
        var service = Any(shared);
        return new(shared ? "endpoint, all see it" : "endpoint, a namespace sees it", [service.Toggle()]);
    }

    protected Step Route()
    {
        var service = Any(shared: false);
        return new("route of a service, its pods see it", [MeshDraft.Set(MeshDraft.Routes(service, [string.Create(CultureInfo.InvariantCulture, $"/version-{Random.Next(1_000_000)}/.*")]))]);
    }

    private static bool IsShared(DraftService service) => service.Namespace == "ns-000";

    // As isotope calls the nodes of a tree: 0, 0-0, 0-1, 0-0-0 ...
    private static string NameOf(int node) => node == 0 ? "svc-0" : string.Create(CultureInfo.InvariantCulture, $"{NameOf((node - 1) / 3)}-{(node - 1) % 3}");

    private DraftService Any(bool shared)
    {
        var first = shared || Changing <= PerNamespace ? 0 : PerNamespace;
        return _mesh.Services[first + Random.Next((shared ? Math.Min(PerNamespace, Changing) : Changing) - first)];
    }
}
