using System.Text.Json.Nodes;
using OsmExt.Cli.Comparison;
using OsmExt.Cli.Simulation;
using OsmExt.Compiler;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;
using OsmExt.Testing.Simulation.Requests;

namespace OsmExt.Cli.Clusters;

/// <summary>What one pod may ask of another: every port of the Services that have it, with the requests that the mesh's rules tell apart.</summary>
/// <param name="Snapshot">The objects.</param>
/// <param name="Mesh">What they mean.</param>
/// <param name="Simulated">The mesh to decide in.</param>
internal sealed record PodPolicy(ResourceSnapshot Snapshot, OfflineMesh Mesh, SimulatedMesh Simulated)
{
    /// <summary>What can be asked of a pod by its Services.</summary>
    public IReadOnlyList<RequestText> Requests(string from, string to)
    {
        var services = Mesh.Proxies.All.First(proxy => $"{proxy.Pod.Namespace}/{proxy.Pod.Name}" == to).Services.Select(name => $"{name.Local}.{name.Namespace}").ToHashSet(StringComparer.Ordinal);
        return [.. PolicyRequests.Of(Mesh, Mesh).Targets.Where(target => services.Contains(target.Host)).SelectMany(target => target.Examples.Select(example =>
        {
            var request = new RequestText(from, target.Host, target.Port) { Protocol = target.Protocol };
            return target.Protocol == SimulatedProtocol.Tcp ? request : request with { Method = example.Method, Path = example.Path, Headers = example.Headers };
        }))];
    }

    /// <summary>Decides a request.</summary>
    public Decision Decide(RequestText request)
        => request.Decide(Simulated, out var problem) ?? throw new CommandException(problem, ExitCode.UnusableInput);

    /// <summary>The sentence that <c>osm why</c> says about a request.</summary>
    public string Why(RequestText request, Decision decision) => Explanation.Of(decision, Snapshot, new Explained(Simulated, request));

    /// <summary>Decisions as documents.</summary>
    public JsonArray Documents(IEnumerable<(RequestText Request, Decision Decision)> decided) => new([.. decided.Select(entry => (JsonNode)new JsonObject
    {
        ["host"] = entry.Request.Host, ["port"] = entry.Request.Port, ["protocol"] = entry.Request.Protocol.ToString().ToLowerInvariant(), ["request"] = RequestLine.Of(entry.Request),
        ["verdict"] = DecisionDocument.Word(entry.Decision.Verdict), ["status"] = entry.Decision.Status, ["why"] = Why(entry.Request, entry.Decision),
    })]);
}
