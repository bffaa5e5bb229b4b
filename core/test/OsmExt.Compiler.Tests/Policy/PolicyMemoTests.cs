using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Compiler.Tests.Policy;

/// <summary>What a compilation takes from an earlier one is what it would have made.</summary>
public class PolicyMemoTests
{
    private const int Meshes = 60;
    private const int Steps = 20;
    private static readonly CompilerOptions Options = new();

    /// <summary>Where a sequence of changes fails, the shortest one that does is printed: changes are taken out as long as it still fails.</summary>
    [Fact]
    public void Random_changes_compiled_with_a_memo_give_what_compiling_anew_gives()
    {
        for (var seed = 1; seed <= Meshes; seed++)
        {
            var mesh = new RandomMesh(seed);
            var start = mesh.Objects();
            // Everything at once now and then: several changes in one batch, and none.
            var batches = Enumerable.Range(0, Steps).Select(step => Enumerable.Range(0, step % 7).Select(_ => mesh.Change()).ToArray()).ToList();
            if (Difference(start, batches) is not null)
            {
                for (var index = batches.Count - 1; index >= 0; index--)
                {
                    var fewer = batches.Where((_, at) => at != index).ToList();
                    batches = Difference(start, fewer) is null ? batches : fewer;
                }

                Assert.Fail($"seed {seed}: {Difference(start, batches)}\n{string.Join("\n-- then\n", batches.Select(batch => string.Join('\n', batch.Select(change => $"{change.Key} = {change.Resource}"))))}");
            }
        }
    }

    [Fact]
    public void Taking_changes_back_gives_the_policy_there_was()
    {
        for (var seed = 1; seed <= Meshes; seed++)
        {
            var mesh = new RandomMesh(seed);
            var start = ResourceSnapshot.Of(mesh.Objects());
            var first = Compile(start, null);
            var (snapshot, memo) = (start, first.Memo);
            for (var step = 0; step < 6; step++)
            {
                snapshot = snapshot.Apply(new([mesh.Change()], [], true, 0), out _);
                memo = Compile(snapshot, memo).Memo;
            }

            var back = snapshot.AllObjects().Select(resource => new ResourceChange(resource.Key, start.Find(resource.Key)))
                .Concat(start.AllObjects().Select(resource => new ResourceChange(resource.Key, resource)));
            var last = Compile(snapshot.Apply(new([.. back], [], true, 0), out _), memo);
            Assert.Equal(first.Mesh, last.Mesh);
            Assert.Equal(first.Diagnostics, last.Diagnostics);
        }
    }

    [Fact]
    public void An_object_that_only_moved_in_its_file_is_found_where_it_is_now()
    {
        var split = new TrafficSplit(new("a", "split")) { Service = "absent", Backends = [new SplitBackend("web", 1)] };
        var ns = new Namespace(new("", "a")) { };
        var monitored = ns with { Metadata = ns.Metadata with { Labels = [new("openservicemesh.io/monitored-by", "osm")] } };
        var snapshot = ResourceSnapshot.Empty.Apply(new([new(ns.Key, monitored), new(split.Key, split, new SourceLocation("mesh.yaml", 3))], [], true, 0), out _);
        var before = Compile(snapshot, null);
        var moved = snapshot.Apply(new([new(split.Key, split, new SourceLocation("mesh.yaml", 9))], [], true, 0), out var differences);
        Assert.Empty(differences);

        var after = Compile(moved, before.Memo);

        Assert.Equal(3, Assert.Single(before.Diagnostics, finding => finding.Object == split.Key).Location!.Line);
        Assert.Equal(9, Assert.Single(after.Diagnostics, finding => finding.Object == split.Key).Location!.Line);
    }

    [Fact]
    public void A_change_of_a_split_leaves_all_other_services_the_objects_they_were()
    {
        var generated = new GeneratedMesh(40, Permissive: false);
        var snapshot = ResourceSnapshot.Of(generated.Objects());
        var roots = snapshot.All<Service>().Take(2).ToArray();
        TrafficSplit Split(int weight) => new(new(roots[0].Metadata.Namespace, "split")) { Service = roots[0].Metadata.Name, Backends = [new SplitBackend(roots[0].Metadata.Name, weight)] };
        var before = Compile(snapshot.Apply(new([new(Split(1).Key, Split(1))], [], true, 0), out _), null);

        var after = Compile(snapshot.Apply(new([new(Split(2).Key, Split(2))], [], true, 0), out _), before.Memo);

        var changed = after.Mesh.Services.Zip(before.Mesh.Services).Where(pair => !ReferenceEquals(pair.First, pair.Second)).ToArray();
        Assert.Equal(roots[0].Metadata.Name, Assert.Single(changed).First.Name.Name);
        Assert.True(ReferenceEquals(before.Mesh.Inbound[0], after.Mesh.Inbound[0]));
    }

    private static CompiledMesh Compile(ResourceSnapshot snapshot, PolicyMemo? memo) => PolicyCompiler.Compile(snapshot, EndpointTable.Of(snapshot, Options), Options, memo);

    // Endpoints, proxies and the index are handed on as the control plane does.
    private static string? Difference(IEnumerable<Resource> start, IReadOnlyList<ResourceChange[]> batches)
    {
        var snapshot = ResourceSnapshot.Of(start);
        var endpoints = EndpointTable.Of(snapshot, Options);
        var (memo, proxies, index) = ((PolicyMemo?)null, (MeshProxies?)null, (MeshIndex?)null);
        foreach (var batch in batches)
        {
            snapshot = snapshot.Apply(new([.. batch], [], true, 0), out var differences);
            endpoints = differences.Any(difference => difference.Key.Kind == nameof(Namespace))
                ? EndpointTable.Of(snapshot, Options) : endpoints.Update(snapshot, MonitoredNamespaces.Of(snapshot, Options), differences, out _);
            var (kept, anew) = (PolicyCompiler.Compile(snapshot, endpoints, Options, memo), PolicyCompiler.Compile(ResourceSnapshot.Of(snapshot.AllObjects()), endpoints, Options));
            (memo, proxies, index) = (kept.Memo, MeshProxies.Of(snapshot, endpoints, Options, proxies), new(kept.Mesh, index));
            if (kept.Mesh != anew.Mesh || kept.Diagnostics != anew.Diagnostics)
            {
                return kept.Mesh != anew.Mesh ? $"the policy is {kept.Mesh}, and anew {anew.Mesh}" : $"found is {kept.Diagnostics}, and anew {anew.Diagnostics}";
            }

            if (!proxies.All.SequenceEqual(MeshProxies.Of(snapshot, endpoints, Options).All))
            {
                return "the proxies are others";
            }

            var fresh = new MeshIndex(anew.Mesh);
            var clients = anew.Mesh.Outbound.Select(policy => policy.Identity).Append(new WorkloadIdentity(Options.TrustDomain, "a", "nobody"));
            if (clients.FirstOrDefault(client => Described(index, client) != Described(fresh, client)) is { } other)
            {
                return $"{other} reaches {Described(index, other)}, and anew {Described(fresh, other)}";
            }
        }

        return null;
    }

    private static string Described(MeshIndex index, WorkloadIdentity client)
    {
        var services = index.ServicesFor(client);
        IEnumerable<string> parts =
        [
            .. services.Reachable.Select(service => $"{service}"), "clusters", .. services.Clusters.Select(service => $"{service}"),
            "http", .. services.Reachable.HttpByPort.SelectMany(port => port.Value.Select(service => $"{port.Key} {service.Name}")),
            "tcp", .. services.Reachable.Tcp.Select(service => $"{service.Name}"),
            "groups", .. services.Clusters.ByTrust.Select(group => string.Join(',', group.Select(service => service.Cluster))),
            "keys", .. services.Clusters.Keys.All.Select(key => $"{key} {services.Clusters.At(key).Count()}"),
            "retries", .. index.Retries(client).Select(rule => $"{rule}"), $"{index.Accepts(client)}", $"{index.Destinations(client)}",
        ];
        return string.Join('\n', parts);
    }
}
