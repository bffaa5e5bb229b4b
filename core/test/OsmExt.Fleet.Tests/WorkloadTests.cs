using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Fleet.Meshes;
using OsmExt.Fleet.Options;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Fleet.Tests;

/// <summary>Meshes are drawn by their seed alone, and are meshes that the compiler finds nothing wrong with.</summary>
public class WorkloadTests
{
    private const int Steps = 40;

    public static TheoryData<string> Names => ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W8+W9", "W10", "W11", "W13", "flat", "soak"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_drawings_of_one_seed_are_equal(string name)
    {
        var (one, other) = (Draw(name), Draw(name));
        Assert.Equal(one.Objects, other.Objects);
        Assert.Equal(one.Steps.Select(step => step.Kind), other.Steps.Select(step => step.Kind));
        Assert.Equal(one.Steps.SelectMany(step => step.Changes), other.Steps.SelectMany(step => step.Changes));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_drawn_is_a_mesh(string name)
    {
        var (objects, steps) = Draw(name);
        var snapshot = ResourceSnapshot.Of(objects);
        foreach (var step in steps)
        {
            snapshot = snapshot.Apply(new([.. step.Changes], [], true, 0), out var changed);
            Assert.True(changed.Length > 0 || step.Upheaval != Upheaval.None || step.Changes.Count > 0 || step.Rest > TimeSpan.Zero, step.Kind);
            Assert.All(step.Joins, pod => Assert.NotNull(snapshot.Find<Pod>(new(nameof(Pod), pod.Namespace, pod.Name))));
            Assert.All(step.Leaves, pod => Assert.Null(snapshot.Find<Pod>(new(nameof(Pod), pod.Namespace, pod.Name))));
        }

        var compiled = PolicyCompiler.Compile(snapshot, EndpointTable.Of(snapshot, new()), new CompilerOptions());
        Assert.Empty(compiled.Diagnostics.Where(finding => finding.Severity == Severity.Error));
        Assert.NotEmpty(compiled.Mesh.Services);
    }

    [Fact]
    public void A_graph_has_no_cycles()
    {
        var (objects, _) = Draw("W10");
        Assert.All(objects.OfType<TrafficTarget>(), target => Assert.All(target.Sources, source => Assert.True(string.CompareOrdinal(source.Name, target.Destination.Name) < 0)));
    }

    [Fact]
    public void An_option_that_does_not_exist_is_named()
    {
        Assert.Contains("PROXY", Assert.Throws<ArgumentException>(() => FleetOptions.Parse(["PROXY=3"])).Message, StringComparison.Ordinal);
        Assert.Contains("many", Assert.Throws<ArgumentException>(() => FleetOptions.Parse(["PROXIES=many"])).Message, StringComparison.Ordinal);
        Assert.Equal(2.5, FleetOptions.Parse(["workload=W4", "STUCK=2.5"]).Stuck);
    }

    [Fact]
    public void Options_pass_from_process_to_process()
    {
        var options = FleetOptions.Parse(["WORKLOAD=W7", "PROXIES=12", "STUCK=5", "SEED=9"]);
        Assert.Equal(options.Words, FleetOptions.Parse(options.Words).Words);
    }

    private static (IReadOnlyList<Resource> Objects, IReadOnlyList<Step> Steps) Draw(string name)
    {
        var workload = Workload.Create(FleetOptions.Parse([$"WORKLOAD={name}", "PROXIES=60", "SERVICES=30", "WARMUP=3"]));
        var objects = workload.Start();
        return (objects, [.. workload.Steps().Take(Steps)]);
    }
}
