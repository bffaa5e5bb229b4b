using System.Diagnostics;
using OsmExt.Compiler;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Meshes;
using OsmExt.Testing.Simulation;

namespace OsmExt.Benchmarks;

/// <summary>
/// How many requests a second one thread decides, both proxies walked and every step told, in meshes of N services; and how long the
/// first takes, with reading nothing, but compiling the mesh and translating two proxies.
/// </summary>
internal static class SimulationBenchmark
{
    private const int Decisions = 20_000;
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);

    public static int Run(IReadOnlyList<int> sizes)
    {
        Console.WriteLine("services  mode         first decision   decisions per second   allowed");
        foreach (var size in sizes)
        {
            Report(size, permissive: true);
            Report(size, permissive: false);
        }

        return 0;
    }

    private static void Report(int size, bool permissive)
    {
        var snapshot = ResourceSnapshot.Of(new GeneratedMesh(size, Permissive: permissive).Objects());
        var start = Stopwatch.GetTimestamp();
        var mesh = CompiledMesh.Of(snapshot, new CompilerOptions());
        _ = Decide(mesh, 0);
        var first = Stopwatch.GetElapsedTime(start);
        for (var warmUp = 0; warmUp < Decisions / 4; warmUp++)
        {
            _ = Decide(mesh, warmUp);
        }

        var (count, allowed) = (0, 0);
        start = Stopwatch.GetTimestamp();
        while (count < Decisions && Stopwatch.GetElapsedTime(start) < AtMost)
        {
            allowed += Decide(mesh, count++) ? 1 : 0;
        }

        var rate = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"{size,8}  {(permissive ? "permissive" : "smi"),-12} {first.TotalMilliseconds,9:f1} ms {rate,22:n0} {100.0 * allowed / count,8:f0} %");
    }

    // Among ten services, so that ten proxies are made at the most, at all of their neighbours' addresses and names in turn.
    private static bool Decide(SimulatedMesh mesh, int number)
    {
        var services = mesh.Services;
        var among = Math.Min(10, services.Length);
        var from = mesh.Pods[number % among];
        var to = services[(number / among) % among];
        var host = (number % 3) switch { 0 => $"{to.Name}.{to.Namespace}", 1 => $"{to.Name}.{to.Namespace}.svc.cluster.local", _ => to.Addresses[0].ToString() };
        var request = new RequestText(from.ToString(), host, to.Ports[0].Port) { Path = $"/items/{number % 7}?page=2" };
        return request.Decide(mesh, out _)!.Verdict == Simulation.Verdict.Allow;
    }
}
