using System.Globalization;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>A mesh that is being drawn: its services by number, and how their objects change. Two drafts of one history are equal.</summary>
internal sealed class MeshDraft(bool permissive)
{
    private int _services;
    private int _pods;

    public List<DraftService> Services { get; } = [];

    public static ResourceChange Set(Resource resource) => new(resource.Key, resource);

    public static ResourceChange Remove(Resource resource) => new(resource.Key, null);

    public MeshConfig Config => new(new("osm-system", MeshConfig.WellKnownName)) { Permissive = permissive };

    public static Namespace Namespace(string ns) => new(new("", ns) { Labels = [new("openservicemesh.io/monitored-by", "osm")] });

    public DraftService Add(string ns, string name, int pods)
    {
        var service = Aside(ns, name);
        for (var pod = 0; pod < pods; pod++)
        {
            service.Add(NextAddress());
        }

        Services.Add(service);
        return service;
    }

    /// <summary>A service without pods that is not among those that steps are drawn for.</summary>
    public DraftService Aside(string ns, string name) => new(ns, name, Address(96, _services++));

    public string NextAddress() => Address(128, _pods++);

    /// <summary>Everything so far: settings, namespaces, services with pods and endpoints.</summary>
    public IEnumerable<Resource> Objects
        => [Config, .. Services.Select(service => service.Namespace).Distinct(StringComparer.Ordinal).Select(Namespace), .. Services.SelectMany(service => service.Objects)];

    /// <summary>Who may call a service, by which routes.</summary>
    public static IEnumerable<Resource> Access(DraftService service, IEnumerable<DraftService> callers, params IEnumerable<string> paths)
    {
        yield return Routes(service, paths);
        yield return new TrafficTarget(new(service.Namespace, $"{service.Name}-target"))
        {
            Destination = service.Identity,
            Sources = [.. callers.Select(caller => caller.Identity)],
            Rules = [new TrafficTargetRule("HTTPRouteGroup", $"{service.Name}-routes", [])],
        };
    }

    /// <summary>The routes of a service: one for each path, or one for all.</summary>
    public static HttpRouteGroup Routes(DraftService service, IEnumerable<string> paths)
    {
        var matches = paths.Select((path, index) => new HttpMatch(string.Create(CultureInfo.InvariantCulture, $"match-{index}")) { PathRegex = path }).ToArray();
        return new(new(service.Namespace, $"{service.Name}-routes")) { Matches = matches.Length > 0 ? [.. matches] : [new HttpMatch("all")] };
    }

    /// <summary>Pods leave and others come in their places.</summary>
    public Step Rotate(string kind, DraftService service, int count, bool withProxies = true)
    {
        var gone = service.Pods.Take(count).ToArray();
        service.Pods.RemoveRange(0, gone.Length);
        DraftPod[] come = [.. gone.Select(_ => service.Add(NextAddress()))];
        return new(kind, [.. gone.Select(pod => Remove(service.PodOf(pod))), .. come.Select(pod => Set(service.PodOf(pod))), Set(service.Slice)])
        {
            Leaves = withProxies ? [.. gone.Select(service.NameOf)] : [],
            Joins = withProxies ? [.. come.Select(service.NameOf)] : [],
        };
    }

    /// <summary>One pod more.</summary>
    public Step ScaleUp(string kind, DraftService service)
    {
        var pod = service.Add(NextAddress());
        return new(kind, [Set(service.PodOf(pod)), Set(service.Slice)]) { Joins = [service.NameOf(pod)] };
    }

    /// <summary>One pod less, the newest.</summary>
    public static Step ScaleDown(string kind, DraftService service)
    {
        var pod = service.Pods[^1];
        service.Pods.Remove(pod);
        return new(kind, [Remove(service.PodOf(pod)), Set(service.Slice)]) { Leaves = [service.NameOf(pod)] };
    }

    private static string Address(int block, int index) => string.Create(CultureInfo.InvariantCulture, $"10.{block + (index >> 16)}.{(index >> 8) & 255}.{index & 255}");
}
