using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;
using OsmExt.Testing.Simulation.Requests;

namespace OsmExt.Compiler.Tests;

/// <summary>
/// Who is let in, decided request by request from the Envoy configuration of drawn meshes, and compared with the objects alone.
/// </summary>
public class AccessPropertyTests
{
    private const int Meshes = 60;
    private const int Requests = 600;

    /// <summary>Only a request that a TrafficTarget allows to its client ever reaches a pod, whatever else there is.</summary>
    [Fact]
    public void Letting_one_in_lets_nobody_else_in()
    {
        var reached = new Dictionary<SimulatedProtocol, int>();
        foreach (var seed in Enumerable.Range(1, Meshes))
        {
            var objects = AccessMesh.Draw(seed);
            var snapshot = ResourceSnapshot.Of(objects);
            var allowed = new AllowedByObjects(snapshot);
            foreach (var (request, pod, way) in Reached(snapshot, PolicyRequests.Of(Compile(snapshot))))
            {
                reached[request.Protocol] = reached.GetValueOrDefault(request.Protocol) + 1;
                Assert.True(allowed.Allows(request, pod), $"seed {seed}: {request} reaches {pod}, and no TrafficTarget says so: "
                    + string.Join("; ", way));
            }
        }

        Assert.All(Enum.GetValues<SimulatedProtocol>(), protocol => Assert.True(
            reached.GetValueOrDefault(protocol) > 30, $"only {reached.GetValueOrDefault(protocol)} requests over {protocol} reached anybody"));
    }

    /// <summary>Without a TrafficTarget, or without one of its rules or sources, every request reaches the same pods as before, or fewer.</summary>
    [Fact]
    public void Taking_an_allowance_away_never_widens_access()
    {
        var narrowed = 0;
        foreach (var seed in Enumerable.Range(1, Meshes))
        {
            var objects = AccessMesh.Draw(seed);
            foreach (var target in objects.OfType<TrafficTarget>().Where(target => target.Sources.Count > 0 && target.Rules.Count > 0))
            {
                foreach (var fewer in Fewer(objects, target))
                {
                    var (before, after) = (ResourceSnapshot.Of(objects), ResourceSnapshot.Of(fewer));
                    var requests = PolicyRequests.Of(Compile(before), Compile(after));
                    var (old, now) = (Pairs(before, requests), Pairs(after, requests));
                    Assert.True(now.IsSubsetOf(old), $"seed {seed}, without a part of {target.Key}: {now.Except(old).FirstOrDefault()} is let in newly");
                    narrowed += old.Count - now.Count;
                }
            }
        }

        Assert.True(narrowed > 100, $"only {narrowed} requests were shut out, which tells too little");
    }

    private static IEnumerable<IEnumerable<Resource>> Fewer(List<Resource> objects, TrafficTarget target)
    {
        yield return objects.Where(found => found != target);
        yield return With(target with { Rules = [.. target.Rules.Skip(1)] });
        yield return With(target with { Sources = [.. target.Sources.Skip(1)] });

        IEnumerable<Resource> With(TrafficTarget changed) => objects.Select(found => found == target ? changed : found);
    }

    // Every request and every pod of the mesh it may arrive at, other than the client itself.
    private static IEnumerable<(RequestText Request, string Pod, IReadOnlyList<Step> Way)> Reached(ResourceSnapshot snapshot, PolicyRequests requests)
    {
        var mesh = CompiledMesh.Of(snapshot, new());
        var meshed = mesh.Pods.Where(pod => pod.Proxy is not null).Select(pod => pod.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var request in requests.Take(Requests))
        {
            var decision = request.Decide(mesh, out _)!;
            Assert.False(decision.Verdict == Verdict.Undecided, decision.Reason);
            foreach (var outcome in decision.Outcomes.Where(outcome => outcome.Allowed))
            {
                if (outcome.Path.LastOrDefault(step => step.Element == "receiver")?.Name is { } pod && meshed.Contains(pod) && pod != request.From)
                {
                    yield return (request, pod, outcome.Path);
                }
            }
        }
    }

    private static HashSet<(RequestText Request, string Pod)> Pairs(ResourceSnapshot snapshot, PolicyRequests requests)
        => [.. Reached(snapshot, requests).Select(reached => (reached.Request, reached.Pod))];

    private static OfflineMesh Compile(ResourceSnapshot snapshot) => OfflineMesh.Compile(snapshot, new());
}
