using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.LocalRuntime;

namespace OsmExt.Benchmarks;

/// <summary>
/// How long it takes from a change on an API server until traffic through real Envoys shows it: the API server, its webhook, the informer, the compiler, xDS and Envoy. The mesh is that of
/// <c>osm local up --api</c>, the change a patch such as kubectl sends, and requests ask without a pause until one is answered otherwise.
/// </summary>
internal sealed class ApplyBenchmark : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(150);

    private static readonly string Name = string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}");

    private readonly string _directory;
    private readonly Process _mesh;
    private readonly ClusterClient _cluster;
    private readonly HttpClient _buyer;
    private readonly HttpClient _thief;

    private ApplyBenchmark(string directory, Process mesh, ClusterClient cluster)
    {
        (_directory, _mesh, _cluster) = (directory, mesh, cluster);
        (_buyer, _thief) = (PodNetwork.OfPod(Name, "shop", "buyer").CreateClient(), PodNetwork.OfPod(Name, "shop", "thief").CreateClient());
    }

    private static string Artifacts => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../.."));

    private static string Kubeconfig => $"/var/lib/osmext/local/{Name}/kubeconfig";

    public static async Task<int> RunAsync(int changes)
    {
        var benchmark = await StartAsync();
        await using (benchmark.ConfigureAwait(false))
        {
            Console.WriteLine("| change | in force after: p50 | p90 | p99 | longest | answered by the API server: p50 | changes |");
            Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
            await MeasureAsync("TrafficTarget: a client may, or may not", changes, turn => benchmark.PatchAsync(
                "access.smi-spec.io/v1alpha3", "traffictargets", "v1", new() { ["spec"] = new JsonObject { ["sources"] = new JsonArray(turn ? [Account("buyer"), Account("thief")] : [Account("buyer")]) } }),
                async turn => ((int)(await AskAsync(benchmark._thief, "http://echo-v1:8080/items/1")).Status == 200) == turn);
            await MeasureAsync("TrafficSplit: all to the other", changes, turn => benchmark.PatchAsync(
                "split.smi-spec.io/v1alpha4", "trafficsplits", "echo", new() { ["spec"] = new JsonObject { ["backends"] = new JsonArray(Backend("echo-v1", turn ? 100 : 0), Backend("echo-v2", turn ? 0 : 100)) } }),
                async turn => (await AskAsync(benchmark._buyer, "http://echo:8080/items/1")).Pod == (turn ? "v1" : "v2"));

            // A pod that a Service selects no more gets some of what was on its way; that one is selected anew shows at once.
            await MeasureAsync("endpoint: a pod more", changes, turn => benchmark.PatchAsync("v1", "pods", "v2", Selected(turn)), async turn => !turn || (await AskAsync(benchmark._buyer, "http://more:8080/items/1")).Pod == "v2", onlyTrue: true);
            await benchmark.KubectlAsync(Math.Min(changes, 20));
        }

        return 0;

        static JsonObject Account(string name) => new() { ["kind"] = "ServiceAccount", ["name"] = name, ["namespace"] = "shop" };

        static JsonObject Backend(string service, int weight) => new() { ["service"] = service, ["weight"] = weight };

        static JsonObject Selected(bool selected) => new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["more"] = selected ? "yes" : null } } };
    }

    public async ValueTask DisposeAsync()
    {
        _buyer.Dispose();
        _thief.Dispose();
        _cluster.Dispose();
        using (var down = Process.Start("kill", ["-TERM", _mesh.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await down.WaitForExitAsync();
        }

        await _mesh.WaitForExitAsync();
        _mesh.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<ApplyBenchmark> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("osm-bench-").FullName;
        await File.WriteAllTextAsync(Path.Join(directory, "mesh.yaml"), ApplyManifests.Text);
        var start = Stopwatch.GetTimestamp();
        var mesh = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Join(Artifacts, "bin/OsmExt.Cli/release/osm.dll"), "local", "up", "--api", "--name", Name, "--config", directory, "--images", Path.Join(Artifacts, "apps"), "--logs", Path.Join(directory, "logs"),
                "--data-plane", "envoy",
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        mesh.OutputDataReceived += (_, _) => { };
        mesh.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        mesh.BeginOutputReadLine();
        mesh.BeginErrorReadLine();
        var status = $"/var/lib/osmext/local/{Name}/status.json";
        while (!File.Exists(status))
        {
            if (mesh.HasExited || Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException("The mesh does not come up; try osm local check.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        var connection = await ClusterConnection.FindAsync(new() { Kubeconfig = Kubeconfig }, CancellationToken.None);
        var benchmark = new ApplyBenchmark(directory, mesh, new(connection.CreateClient(), TimeProvider.System));
        while ((int)(await AskAsync(benchmark._buyer, "http://echo:8080/items/1")).Status != 200)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        return benchmark;
    }

    private static async Task MeasureAsync(string what, int changes, Func<bool, Task> change, Func<bool, Task<bool>> isInForce, bool onlyTrue = false)
    {
        var (inForce, answered) = (new List<double>(), new List<double>());
        for (var i = 0; inForce.Count < changes; i++)
        {
            // Nothing of the one before is on its way any more.
            await Task.Delay(Quiet, TimeProvider.System);
            var turn = i % 2 == 0;
            var start = Stopwatch.GetTimestamp();
            var asked = ChangeAsync();
            var took = await UntilAsync(() => isInForce(turn), start);
            var answer = await asked;
            if (turn || !onlyTrue)
            {
                inForce.Add(took);
                answered.Add(answer);
            }

            async Task<double> ChangeAsync()
            {
                await change(turn);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        Write(what, inForce, string.Create(CultureInfo.InvariantCulture, $"{At(answered, 0.5):0} ms"));
    }

    // From the moment the program is started, as whoever types it sees it.
    private async Task KubectlAsync(int changes)
    {
        var inForce = new List<double>();
        for (var i = 0; i < changes; i++)
        {
            await Task.Delay(Quiet, TimeProvider.System);
            var (first, start) = (i % 2 == 0, Stopwatch.GetTimestamp());
            var backends = first ? """[{"service":"echo-v1","weight":100},{"service":"echo-v2","weight":0}]""" : """[{"service":"echo-v1","weight":0},{"service":"echo-v2","weight":100}]""";
            using var kubectl = Process.Start(new ProcessStartInfo(
                Path.Join(Artifacts, "kubernetes-tools/kubectl"), ["--kubeconfig", Kubeconfig, "patch", "trafficsplits", "echo", "-n", "shop", "--type=merge", "-p", $$"""{"spec":{"backends":{{backends}} } }"""])
            { RedirectStandardOutput = true })!;
            inForce.Add(await UntilAsync(async () => (await AskAsync(_buyer, "http://echo:8080/items/1")).Pod == (first ? "v1" : "v2"), start));
            await kubectl.WaitForExitAsync();
        }

        Write("TrafficSplit, with kubectl from its start", inForce, "");
    }

    private static void Write(string what, List<double> inForce, string answered) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {what} | {At(inForce, 0.5):0} ms | {At(inForce, 0.9):0} ms | {At(inForce, 0.99):0} ms | {inForce.Max():0} ms | {answered} | {inForce.Count} |"));

    private static async Task<double> UntilAsync(Func<Task<bool>> isInForce, long start)
    {
        while (!await isInForce())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException("The change does not come into force.");
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private async Task PatchAsync(string apiVersion, string plural, string name, JsonObject patch)
    {
        var resource = apiVersion.Split('/') is [var group, var version] ? new ApiResource(group, version, plural) : new ApiResource("", apiVersion, plural);
        await _cluster.AskAsync(new("patch", plural, resource.Of("shop", name)) { Body = patch, ContentType = ApiCall.MergePatch }, CancellationToken.None);
    }

    private static async Task<(System.Net.HttpStatusCode Status, string Pod)> AskAsync(HttpClient client, string url)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(url));
            return (answer.StatusCode, answer.Headers.TryGetValues("x-pod", out var pod) ? pod.First() : "");
        }
        catch (HttpRequestException)
        {
            return (System.Net.HttpStatusCode.ServiceUnavailable, "");
        }
    }

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)Math.Min(values.Count - 1, Math.Ceiling(share * values.Count) - 1));
}
