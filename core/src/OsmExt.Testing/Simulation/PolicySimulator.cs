using OsmExt.Compiler;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Testing.Simulation;

/// <summary>
/// Decides requests in a mesh that does not run, from the Envoy configuration its manifests mean: what <c>osm simulate</c> prints, for
/// tests in code.
/// </summary>
public sealed class PolicySimulator
{
    private readonly SimulatedMesh _mesh;

    private PolicySimulator(SimulatedMesh mesh) => _mesh = mesh;

    /// <summary>Reads manifests. Mistakes in them have the effect they have in a mesh: what cannot be understood allows nothing.</summary>
    /// <param name="paths">Files or directories.</param>
    /// <param name="envoyVersion">The Envoy of every proxy, for example <c>1.36.2</c>; releases decide some requests differently.</param>
    public static PolicySimulator Load(IReadOnlyList<string> paths, string envoyVersion = "1.40.0")
        => new(CompiledMesh.Of(ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(paths), out _), new CompilerOptions(), envoyVersion));

    /// <summary>The same mesh, where one pod's proxy has what a running Envoy answered to <c>/config_dump?include_eds</c>.</summary>
    /// <param name="pod"><c>NAMESPACE/POD</c>.</param>
    /// <param name="json">What it answered.</param>
    /// <exception cref="FormatException">That is no such dump.</exception>
    public PolicySimulator WithDump(string pod, string json)
        => new(_mesh.With(new Dictionary<string, ProxyConfiguration>(StringComparer.Ordinal) { [pod] = ConfigDump.Read(pod, json) }));

    /// <summary>Decides a request.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ArgumentException">There is no such client.</exception>
    public PolicyDecision Decide(PolicyRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var text = new RequestText(request.From, request.Host, request.Port)
        {
            Protocol = request.Protocol,
            Method = request.Method,
            Path = request.Path,
            Headers = [.. request.Headers],
        };
        var decision = text.Decide(_mesh, out var problem) ?? throw new ArgumentException(problem, nameof(request));
        return new(decision.Verdict, decision.Status, decision.Reason)
        {
            Outcomes = [.. decision.Outcomes.Select(outcome => new PolicyOutcome(
                outcome.Share, outcome.Backend.Split('|')[0], outcome.Allowed, outcome.Reply.Status))],
            Path = [.. decision.Path.Select(step => step.ToString())],
        };
    }
}
