using OsmExt.Compiler;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;

namespace OsmExt.Testing.Hosting.Expectations;

/// <summary>Says what <c>osm why</c> would say of a request in the mesh as it is now.</summary>
internal sealed class Verdicts
{
    private (ResourceSnapshot? Of, SimulatedMesh? Mesh) _known;

    /// <summary>The decision, with the sentence; no decision, with the problem, where nothing can be said.</summary>
    public (Decision? Decision, string Sentence) Of(RequestText request, ResourceSnapshot snapshot, PluginSet plugins)
    {
        var known = _known;
        if (!ReferenceEquals(known.Of, snapshot))
        {
            _known = known = (snapshot, CompiledMesh.Of(snapshot, new CompilerOptions(), plugins: plugins));
        }

        var decision = request.Decide(known.Mesh!, out var problem);
        return decision is null ? (null, problem) : (decision, Explanation.Of(decision, snapshot, new(known.Mesh!, request)));
    }
}
