using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>What proxies were sent is recorded, and decides requests as the manifests do.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();

    private string Records => Path.Combine(_mesh.State, "records");

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData("delta", "1.40.0")]
    [InlineData("delta", "1.36.2")]
    [InlineData("sotw", "1.40.0")]
    public async Task A_recorded_stream_decides_as_the_manifests_do_before_and_after_a_change(string variant, string version)
    {
        var node = CapabilityTests.NodeOf(Capabilities.OfRelease(version));
        await using var plane = await RunningControlPlane.StartAsync(_mesh, configure: options => options.RecordDirectory = Records);
        await using var buyer = await plane.ConnectAsync(Shop.Buyer, variant, node: node.Clone());
        await using var store = await plane.ConnectAsync(Shop.Store1, variant, node: node.Clone());
        await using var other = await plane.ConnectAsync(Shop.Store2, variant, node: node.Clone());
        var books = new RequestText(Shop.Buyer, "store.shop", 80) { Path = "/books/1" };
        var others = books with { Path = "/others/1" };

        await Wait.UntilAsync(() => Decided(books).Verdict == Verdict.Allow, () => $"{Decided(books).Reason}\n{plane.Logs.Text}");
        Assert.Equal(FromManifests(books).Path.Select(step => step.ToString()), Decided(books).Path.Select(step => step.ToString()));
        Assert.Equal(403, Decided(others).Status);

        _mesh.Write("policy.yaml", Shop.Policy("/others.*"));
        await Wait.UntilAsync(() => Decided(others).Verdict == Verdict.Allow, () => Decided(others).Reason);
        Assert.Equal(403, Decided(books).Status);
        Assert.All(Directory.GetFiles(Records), file => Assert.DoesNotContain("PRIVATE KEY", File.ReadAllText(file), StringComparison.Ordinal));
    }

    private Decision FromManifests(RequestText request) => request.Decide(Mesh(), out _)!;

    private Decision Decided(RequestText request)
    {
        var proxies = new Dictionary<string, ProxyConfiguration>();
        foreach (var pod in new[] { Shop.Buyer, Shop.Store1, Shop.Store2 })
        {
            var file = Path.Combine(Records, $"{pod.Replace('/', '.')}.jsonl");
            if (!File.Exists(file))
            {
                return new(Verdict.Undecided, null, $"{pod} has no record");
            }

            // The last line may be on its way.
            var lines = File.ReadAllText(file);
            proxies[pod] = RecordedStream.Read(pod, lines[..(lines.LastIndexOf('\n') + 1)]);
        }

        return request.Decide(Mesh().With(proxies), out _)!;
    }

    private SimulatedMesh Mesh()
        => CompiledMesh.Of(ResourceSnapshot.Empty.Apply(ManifestDirectory.Load([_mesh.Manifests]), out _), new CompilerOptions());
}
