using System.Globalization;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Meshes;

namespace OsmExt.Benchmarks;

/// <summary>
/// What each plugin of this repository costs in a permissive mesh of N services with two pods each: asking it, once for a change of the mesh; and
/// everything for one more proxy, without the plugin and with it.
/// </summary>
internal static class PluginBenchmark
{
    private const int Rounds = 7;
    private const int WarmUps = 20;
    private static readonly CompilerOptions Options = new();

    public static int Run(IReadOnlyList<int> sizes)
    {
        // The runtime compiles what is called often once more, which must not count for the first and spare the last.
        foreach (var name in OfficialPlugins.Objects.Keys)
        {
            Of(10, name);
        }

        Console.WriteLine("| services | plugin | asking it | a proxy without | with it | time | allocated |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var size in sizes)
        {
            foreach (var name in OfficialPlugins.Objects.Keys)
            {
                Report(size, name, name);
            }

            Report(size, "all", [.. OfficialPlugins.Objects.Keys]);
        }

        return 0;
    }

    private static void Report(int size, string title, params string[] names)
    {
        var (asking, without, with) = Of(size, names);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {size:n0} | {title} | {asking.Milliseconds:f2} ms, {asking.Megabytes:f2} MB | {without.Milliseconds:f2} ms, {without.Megabytes:f2} MB | {with.Milliseconds:f2} ms, {with.Megabytes:f2} MB | ×{with.Milliseconds / without.Milliseconds:f2} | ×{with.Megabytes / without.Megabytes:f2} |"));
    }

    private static (Measure Asking, Measure Without, Measure With) Of(int size, params string[] names)
    {
        var set = OfficialPlugins.Load(names);
        var snapshot = Snapshot(size, set, string.Join("\n---\n", names.Select(name => OfficialPlugins.Objects[name]).Where(text => text.Length > 0)));
        var endpoints = EndpointTable.Of(snapshot, Options);
        var index = new MeshIndex(PolicyCompiler.Compile(snapshot, endpoints, Options).Mesh);
        var proxy = MeshProxies.Of(snapshot, endpoints, Options).All.First();
        var scope = proxy.ScopeFor(Capabilities.OfRelease(Capabilities.NewestEnvoy, incremental: true));
        var contributions = set.Contribute(index.Mesh, snapshot, Options);
        if (contributions.For(scope).All.Count == 0)
        {
            throw new InvalidOperationException($"{string.Join(", ", names)} have nothing to say: {string.Join('\n', contributions.Diagnostics)}");
        }

        // Plugins with code are asked on a thread of their own.
        var asking = Measure.OfProcess(() => set.Contribute(index.Mesh, snapshot, Options));
        // By turns, so that what else the machine does in between hits both alike.
        var rounds = Enumerable.Range(0, Rounds).Select(_ => (Without: Measured(null), With: Measured(contributions))).ToArray();
        set.DisposeExcept(PluginSet.Empty);
        return (asking, Median(rounds.Select(round => round.Without)), Median(rounds.Select(round => round.With)));

        Measure Measured(IMeshContributions? contributed) => Measure.Of(() => 0, _ => Translate(contributed), WarmUps);

        void Translate(IMeshContributions? contributed) => XdsTranslator.Policy(ScopeView.Of(index, scope, contributed));
    }

    private static Measure Median(IEnumerable<Measure> measures) => measures.OrderBy(measure => measure.Milliseconds).ElementAt(Rounds / 2);

    private static ResourceSnapshot Snapshot(int size, PluginSet set, string objects)
    {
        var file = ManifestReader.Read(objects, "objects.yaml", new PluginKinds(set.Kinds));
        return file.Diagnostics.IsEmpty
            ? ResourceSnapshot.Of(new GeneratedMesh(size).Objects().Select(resource => resource is MeshConfig config ? config with { TrafficMetrics = true } : resource).Concat(file.Resources))
            : throw new InvalidOperationException($"{file.Diagnostics[0]}");
    }
}
