using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime;
using OsmExt.Testing.Hosting;

namespace OsmExt.Benchmarks;

/// <summary>How long a test waits for a mesh inside it: to start, for a change of policy, and for a request.</summary>
internal static class MeshHostBenchmark
{
    private const int Starts = 9;
    private const int Changes = 100;
    private const int Requests = 2000;
    private const int Loaded = 16_000;
    private const int AtOnce = 16;

    private const string Closed = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: false}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: specs.smi-spec.io/v1alpha4
        kind: HTTPRouteGroup
        metadata: {name: all, namespace: shop}
        spec: {matches: [{name: all, pathRegex: .*, methods: ["*"]}]}
        """;

    public static async Task<int> RunAsync(int pods, bool onlyFirst)
    {
        Console.WriteLine($"A mesh with {pods} pods, each with a sidecar that has been used.");
        var (methods, compiling, processor) = (JitInfo.GetCompiledMethodCount(), JitInfo.GetCompilationTime(), Environment.CpuUsage.TotalTime);
        var first = await StartAsync(pods);
        (methods, compiling, processor) = (JitInfo.GetCompiledMethodCount() - methods, JitInfo.GetCompilationTime() - compiling, Environment.CpuUsage.TotalTime - processor);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{"first start in the process",-40} {first,8:f0} ms   processor {processor.TotalMilliseconds:f0} ms, of that {compiling.TotalMilliseconds:f0} ms compiling {methods} methods"));
        if (onlyFirst)
        {
            return 0;
        }

        var starts = new List<double>();
        for (var start = 0; start < Starts; start++)
        {
            starts.Add(await StartAsync(pods));
        }

        Print("start", starts);
        await using var mesh = await UsedAsync(pods);
        Print("policy change in force", await ChangesAsync(mesh));
        Print("request through two sidecars", await RequestsAsync(mesh));
        await LoadAsync(mesh, HttpVersion.Version11);
        await LoadAsync(mesh, HttpVersion.Version20);
        return 0;
    }

    // Everything that a request costs in this process: client, two sidecars, application. It depends little on what else the machine does.
    private static async Task LoadAsync(MeshHost mesh, Version http)
    {
        using var client = mesh.Pod("p1").CreateClient(http);
        await AskAsync(Loaded);
        var (processor, allocated, start) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        await AskAsync(Loaded);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (processor, allocated) = (Environment.CpuUsage.TotalTime - processor, GC.GetTotalAllocatedBytes(precise: true) - allocated);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{$"{AtOnce} requests at a time, HTTP/{http}",-40} {Loaded / seconds,8:f0} /s   processor {processor.TotalMicroseconds / Loaded:f0} µs, allocated {allocated / Loaded:f0} B for each"));

        Task AskAsync(int requests) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            for (var request = 0; request < requests / AtOnce; request++)
            {
                using var answer = await client.GetAsync(new Uri("http://p0/"));
                answer.EnsureSuccessStatusCode();
            }
        }));
    }

    // Pod n may call pod n - 1, and so on in a circle; every sidecar carries a request before a mesh counts as started.
    private static async Task<MeshHost> UsedAsync(int pods)
    {
        var mesh = await MeshHost.StartAsync(new() { Manifests = [Closed, .. Enumerable.Range(0, pods).Select(pod => Workload(pod, (pod + 1) % pods))] });
        mesh.RunStandIns();
        await Task.WhenAll(Enumerable.Range(0, pods).Select(pod => mesh.Pod($"p{(pod + 1) % pods}").ShouldReach($"http://p{pod}/")));
        return mesh;
    }

    private static async Task<double> StartAsync(int pods)
    {
        var start = Stopwatch.GetTimestamp();
        var mesh = await UsedAsync(pods);
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await mesh.DisposeAsync();
        return took;
    }

    private static async Task<List<double>> ChangesAsync(MeshHost mesh)
    {
        var (times, client) = (new List<double>(), mesh.Pod("p1"));
        for (var change = 0; change < Changes + 10; change++)
        {
            var opens = change % 2 == 1;
            var start = Stopwatch.GetTimestamp();
            await mesh.ApplyAsync(Access(0, opens ? 1 : 2));
            var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            await (opens ? client.ShouldReach("http://p0/") : client.ShouldBeDenied("http://p0/"));
            if (change >= 10)
            {
                times.Add(took);
            }
        }

        return times;
    }

    private static async Task<List<double>> RequestsAsync(MeshHost mesh)
    {
        var (times, client) = (new List<double>(), mesh.Pod("p1"));
        for (var request = 0; request < 2 * Requests; request++)
        {
            var start = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync("http://p0/");
            if (request >= Requests)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return times;
    }

    private static void Print(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine(FormattableString.Invariant($"{what,-40} p50 {times[times.Count / 2],8:f2} ms   p99 {times[(int)(times.Count * 0.99)],8:f2} ms   ({times.Count})"));
    }

    private static string Workload(int pod, int caller) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: p{{{pod}}}, namespace: shop, labels: {app: p{{{pod}}}}}
        spec: {serviceAccountName: p{{{pod}}}, containers: [{name: app, image: app}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: p{{{pod}}}, namespace: shop}
        spec: {selector: {app: p{{{pod}}}}, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---
        {{{Access(pod, caller)}}}
        """;

    private static string Access(int pod, int caller) => $$"""
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: p{{pod}}, namespace: shop}
        spec:
          destination: {kind: ServiceAccount, name: p{{pod}}, namespace: shop}
          rules: [{kind: HTTPRouteGroup, name: all}]
          sources: [{kind: ServiceAccount, name: p{{caller}}, namespace: shop}]
        """;
}
