using OsmExt.Compiler;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Comparison;

/// <summary>One of two meshes to compare.</summary>
/// <param name="Snapshot">Its objects.</param>
/// <param name="Mesh">What they mean.</param>
internal sealed record MeshSide(ResourceSnapshot Snapshot, OfflineMesh Mesh)
{
    /// <summary>The service ports a request names.</summary>
    public IEnumerable<MeshService> Services(RequestText request)
        => Mesh.Mesh.Services.Where(service => service.Port == request.Port
            && string.Equals($"{service.Name.Local}.{service.Name.Namespace}", request.Host, StringComparison.Ordinal));
}
