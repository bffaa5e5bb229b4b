using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.ApiServer;

namespace OsmExt.Benchmarks;

/// <summary>
/// What it costs to know a cluster: memory for its pods, requests, and what a control plane of its own asks while nothing happens. The API server is the one of tests, in this process.
/// </summary>
internal static class ClusterBenchmark
{
    private const int PodsOfAService = 20;
    private const int MostStreams = 500;

    public static async Task<int> RunAsync(IReadOnlyList<int> sizes, TimeSpan idle)
    {
        Console.WriteLine("| pods | objects | their JSON | kept | a pod | all known after | processor time | requests | control plane ready after | its resident memory | requests a minute when idle | with streams | resident memory then |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var pods in sizes)
        {
            await using var server = await ApiServer.StartAsync();
            var objects = await FillAsync(server, pods);
            var (bytes, kept) = (objects.Sum(entry => (double)entry.Json.Length), Kept(objects));
            var kubeconfig = Path.GetTempFileName();
            try
            {
                await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig());
                var read = await ReadAsync(kubeconfig);
                var process = await ProcessAsync(kubeconfig, idle, Math.Min(pods, MostStreams));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {pods} | {read.Objects} | {bytes / 1e6:0.0} MB | {kept / 1e6:0.0} MB | {kept / pods:0} B | {read.Elapsed.TotalMilliseconds:0} ms | {read.Processor.TotalMilliseconds:0} ms | {read.Calls} | {process.Ready.TotalSeconds:0.0} s | {process.Resident / 1e6:0} MB | {process.PerMinute:0.0} | {process.Streams} | {process.Serving / 1e6:0} MB |"));
            }
            finally
            {
                File.Delete(kubeconfig);
            }
        }

        return 0;
    }

    // What stays of the objects, without what connections and a server in the same process take.
    private static double Kept(IReadOnlyList<(string Kind, byte[] Json)> objects)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (table, texts) = (new ClusterTable(TimeProvider.System), new TextPool());
        foreach (var group in objects.GroupBy(entry => entry.Kind, StringComparer.Ordinal))
        {
            var kind = ResourceKinds.All.First(candidate => candidate.Kind == group.Key);
            var sink = new TableSink(table, new(kind, kind.Versions[0], texts), key => key.Kind == kind.Kind, () => { });
            sink.Begin();
            foreach (var (_, json) in group)
            {
                sink.Listed(ApiObject.Read(json));
            }

            sink.End(isSure: true);
        }

        var snapshot = ResourceSnapshot.Empty.Apply(table.Take()!, out _);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(table);
        GC.KeepAlive(snapshot);
        return kept;
    }

    private static async Task<IReadOnlyList<(string Kind, byte[] Json)>> FillAsync(ApiServer server, int pods)
    {
        var objects = new List<(string Kind, byte[] Json)>();
        await CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "shop", ["labels"] = new JsonObject { ["openservicemesh.io/monitored-by"] = "osm" } } });
        await CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "osm-system" } });
        for (var service = 0; service < (pods + PodsOfAService - 1) / PodsOfAService; service++)
        {
            await CreateAsync(ClusterObjects.ServiceAccount(service));
            await CreateAsync(ClusterObjects.Service(service));
            await CreateAsync(ClusterObjects.Slice(service, PodsOfAService));
        }

        for (var pod = 0; pod < pods; pod++)
        {
            await CreateAsync(ClusterObjects.Pod(pod, pod / PodsOfAService));
        }

        return objects;

        async Task CreateAsync(JsonObject value)
            => objects.Add(((string)value["kind"]!, System.Text.Encoding.UTF8.GetBytes((await server.CreateAsync(value, CancellationToken.None)).ToJsonString())));
    }

    private static async Task<(int Objects, TimeSpan Elapsed, TimeSpan Processor, int Calls)> ReadAsync(string kubeconfig)
    {
        var connection = await ClusterConnection.FindAsync(new() { Kubeconfig = kubeconfig }, CancellationToken.None);
        var calls = new CountedCalls();
        using var client = new ClusterClient(connection.CreateClient(), TimeProvider.System, calls);
        using var stop = new CancellationTokenSource();
        var (start, processor) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
        var batches = new ClusterSource(client, new(), TimeProvider.System, new(1)).WatchAsync(stop.Token).GetAsyncEnumerator();
        var snapshot = ResourceSnapshot.Empty;
        while (await batches.MoveNextAsync())
        {
            snapshot = snapshot.Apply(batches.Current, out _);
            if (batches.Current.IsSynced)
            {
                break;
            }
        }

        var (elapsed, used) = (Stopwatch.GetElapsedTime(start), Process.GetCurrentProcess().TotalProcessorTime - processor);
        var count = snapshot.Count;
        await stop.CancelAsync();
        try
        {
            await batches.MoveNextAsync();
        }
        catch (OperationCanceledException)
        {
            // It ends no other way.
        }

        return (count, elapsed, used, calls.Count);
    }

    // A process of its own, since memory is only that of a control plane there.
    private static async Task<(TimeSpan Ready, long Resident, double PerMinute, int Streams, long Serving)> ProcessAsync(string kubeconfig, TimeSpan idle, int streams)
    {
        var (xds, http, debug) = (FreePort(), FreePort(), FreePort());
        var state = Directory.CreateTempSubdirectory("osm-").FullName;
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../OsmExt.Cli/release/osm.dll"));
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                program, "run", "--kubernetes", "--kubeconfig", kubeconfig, "--state", state, "--xds-address", $"127.0.0.1:{xds}", "--http-address", $"127.0.0.1:{http}", "--debug-address",
                $"127.0.0.1:{debug}", "--drain-delay", "0:00:00",
            ])
        { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{http}") };
            while (!await IsReadyAsync(client))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }

            var ready = Stopwatch.GetElapsedTime(start);
            await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
            var before = await RequestsAsync(client);
            await Task.Delay(idle, TimeProvider.System, CancellationToken.None);
            var requests = await RequestsAsync(client) - before;
            process.Refresh();
            var resident = process.WorkingSet64;
            var proxies = await ClusterProxies.ConnectAsync(kubeconfig, new($"https://127.0.0.1:{xds}"), streams, PodsOfAService);
            await using (proxies.ConfigureAwait(false))
            {
                process.Refresh();
                return (ready, resident, requests / idle.TotalMinutes, streams, process.WorkingSet64);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            await output;
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<double> RequestsAsync(HttpClient client)
        => (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').Where(line => line.StartsWith("osm_api_server_requests_total{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class CountedCalls : IClusterObserver
    {
        private int _count;

        public int Count => _count;

        public void Called(string verb, string resource, int status) => Interlocked.Increment(ref _count);

        public void Listing(string resource, bool again)
        {
        }
    }
}
