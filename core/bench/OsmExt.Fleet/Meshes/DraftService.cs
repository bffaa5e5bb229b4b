using System.Globalization;
using OsmExt.Fleet.Proxies;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Meshes;

/// <summary>A pod of a mesh that is being drawn.</summary>
internal sealed record DraftPod(string Name, string Address, bool Ready = true);

/// <summary>A service of a mesh that is being drawn, with its pods and its identity of the same name.</summary>
internal sealed class DraftService(string ns, string name, string address)
{
    private const int Port = 8080;
    private readonly LabelSet _labels = [new("app", name)];
    private int _made;

    public string Namespace => ns;

    public string Name => name;

    public List<DraftPod> Pods { get; } = [];

    public IdentityReference Identity => new("ServiceAccount", ns, name);

    public Service Service => new(new(ns, name)) { Selector = _labels, ClusterAddresses = [address], Ports = [new ServicePort("http-web", Port)] };

    public EndpointSlice Slice => new(new(ns, $"{name}-1"))
    {
        ServiceName = name,
        Subsets = [new EndpointSubset([new EndpointPort("http-web", Port)], [.. Pods.Select(pod => new Endpoint(pod.Address) { Pod = pod.Name, Ready = pod.Ready })])],
    };

    /// <summary>The service with all that is behind it.</summary>
    public IEnumerable<Resource> Objects => [Service, .. Pods.Select(PodOf), Slice];

    public Pod PodOf(DraftPod pod) => new(new(ns, pod.Name) { Labels = _labels }) { ServiceAccount = name, Addresses = [pod.Address], Containers = [new Container("app")] };

    public PodName NameOf(DraftPod pod) => new(ns, pod.Name, name);

    /// <summary>One more pod.</summary>
    public DraftPod Add(string podAddress)
    {
        var pod = new DraftPod(string.Create(CultureInfo.InvariantCulture, $"{name}-{_made++}"), podAddress);
        Pods.Add(pod);
        return pod;
    }

    /// <summary>Its last pod becomes ready or ceases to be.</summary>
    public ResourceChange Toggle()
    {
        Pods[^1] = Pods[^1] with { Ready = !Pods[^1].Ready };
        return MeshDraft.Set(Slice);
    }
}
