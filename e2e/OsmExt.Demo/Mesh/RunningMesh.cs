using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Mesh;

/// <summary>A mesh whose Envoys are configured, and what to watch and change it with.</summary>
internal sealed record RunningMesh(DemoOptions Options, MeshStatus Status, MeshFiles Files, ControlPlane ControlPlane, TrafficLog Traffic, IReadOnlyList<Proxy> Proxies);
