using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.E2E;

/// <summary>A mesh that <c>osm local up</c> runs. At its end it must leave nothing behind.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private static int _count;

    private readonly string _directory;
    private readonly string[] _options;
    private readonly HttpClient _node;
    private Process _runner;

    private Mesh(string[] options)
    {
        _options = options;
        Name = string.Create(CultureInfo.InvariantCulture, $"e2e-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        _directory = Directory.CreateTempSubdirectory("osm-e2e-").FullName;
        Config = new(Path.Join(_directory, "config"));
        _node = Node.CreateClient();
        _node.Timeout = TimeSpan.FromSeconds(5);
        _runner = new();
    }

    public string Name { get; }

    public ManifestFolder Config { get; }

    public PodNetwork Node => PodNetwork.OfNode(Name);

    public string State => Path.Join(
        Environment.IsPrivilegedProcess ? "/var/lib/osmext/local" : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state/osmext/local"),
        Name);

    /// <summary>Starts a mesh and waits until every sidecar has acknowledged its configuration.</summary>
    /// <param name="prepare">Writes the manifests.</param>
    /// <param name="options">Further options of <c>osm local up</c>.</param>
    public static async Task<Mesh> StartAsync(Action<ManifestFolder> prepare, params string[] options)
    {
        var mesh = new Mesh(options);
        prepare(mesh.Config);
        try
        {
            await mesh.UpAsync();
        }
        catch (Exception failure)
        {
            var logs = mesh.Logs();
            await mesh.DisposeAsync();
            throw new InvalidOperationException($"The mesh did not come up: {failure.Message}\n{logs}", failure);
        }

        return mesh;
    }

    public PodNetwork Pod(string pod, string ns = Shop.Namespace) => PodNetwork.OfPod(Name, ns, pod);

    /// <summary>What <c>osm local status</c> prints.</summary>
    public async Task<JsonNode?> StatusAsync()
        => await Shell.OsmAsync("local", "status", "--name", Name) is { ExitCode: 0 } status ? JsonNode.Parse(status.Output) : null;

    /// <summary>A debug page of the control plane; null while it does not answer.</summary>
    public async Task<JsonNode?> DebugAsync(string page)
    {
        try
        {
            if (LoopbackDebug() is not { } debug)
            {
                return JsonNode.Parse(await _node.GetStringAsync(new Uri($"http://127.0.0.1:9092/debug/{page}")));
            }

            using var client = new HttpClient { Timeout = _node.Timeout };
            return JsonNode.Parse(await client.GetStringAsync(new Uri($"{debug}/debug/{page}")));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The sum over all labels of a metric of the control plane.</summary>
    public async Task<double> MetricAsync(string name)
        => Prometheus.Sum(await _node.GetStringAsync(new Uri("http://127.0.0.1:9091/metrics")), name);

    /// <summary>A page of a sidecar's admin interface; empty while it does not answer.</summary>
    public async Task<string> AdminAsync(string pod, string page)
    {
        using var client = Pod(pod).CreateClient();
        try
        {
            return await client.GetStringAsync(new Uri($"http://127.0.0.1:15000/{page}"));
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>Starts the program and waits until every sidecar is in step. For meshes that were killed as well.</summary>
    public async Task UpAsync()
    {
        _runner = Process.Start(new ProcessStartInfo(Checkout.Osm,
            [
                "local", "up", "--name", Name, "--config", Config.Path, "--images", Checkout.Images, "--logs", LogDirectory,
                "--envoy", Requirements.Envoy, "--data-plane", _options.Contains("--network", StringComparer.Ordinal) ? "embedded" : "envoy", .. _options,
            ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory,
        })!;
        Follow(_runner.StandardOutput, "up.out.log");
        Follow(_runner.StandardError, "up.err.log");
        await Wait.UntilAsync(async () => _runner.HasExited || await InSyncAsync(), "all sidecars are in step with the control plane", 90);
        Assert.False(_runner.HasExited, "osm local up ended");
    }

    /// <summary>Whether every meshed pod's sidecar is connected and has acknowledged all.</summary>
    public async Task<bool> InSyncAsync()
    {
        // It is asked again and again, beside a mesh that starts: the program would take a processor for it.
        if (ReadStatus() is not { } status || status["pid"]!.GetValue<int>() != _runner.Id)
        {
            return false;
        }

        var meshed = status["pods"]!.AsArray().Where(pod => pod!["meshed"]!.GetValue<bool>()).Select(pod => $"{pod!["namespace"]}/{pod["name"]}");
        var inSync = (await DebugAsync("proxies"))?.AsArray()
            .Where(proxy => proxy!["in_sync"]!.GetValue<bool>())
            .Select(proxy => $"{proxy!["proxy"]}") ?? [];
        return !meshed.Except(inSync, StringComparer.Ordinal).Any();
    }

    /// <summary>Ends the program as a crash would, with no chance to clean up.</summary>
    public async Task KillAsync()
    {
        _runner.Kill();
        await _runner.WaitForExitAsync();
    }

    /// <summary>What the mesh's processes wrote, for a failure's message: the end of every log.</summary>
    public string Logs() => string.Join('\n', Directory.EnumerateFiles(LogDirectory, "*.log", SearchOption.AllDirectories)
        .Select(file => (file, text: File.ReadAllText(file)))
        .Where(log => log.text.Length > 0)
        .Select(log => $"== {Path.GetRelativePath(LogDirectory, log.file)}\n{log.text[Math.Max(0, log.text.Length - 3000)..]}"));

    public string Log(string name) => File.ReadAllText(Path.Join(LogDirectory, name));

    /// <summary>Network namespaces, names files and processes of the mesh.</summary>
    public string[] Remains() => Traces.Of(Name);

    public async ValueTask DisposeAsync()
    {
        _node.Dispose();
        try
        {
            var down = await Shell.OsmAsync("local", "down", "--name", Name);
            Assert.True(down.ExitCode == 0, down.ToString());
            if (!_runner.HasExited)
            {
                await _runner.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            }

            Assert.Equal([], Remains());
        }
        finally
        {
            _runner.Dispose();
            Directory.Delete(_directory, recursive: true);
            // With something left, its record stays as well: osm local down --name NAME will remove both.
            if (Directory.Exists(State) && Remains().Length == 0)
            {
                Directory.Delete(State, recursive: true);
            }
        }
    }

    // Where pods are loopback addresses, so is the control plane.
    private string? LoopbackDebug() => ReadStatus() is { } status && $"{status["network"]}" == "loopback" ? $"{status["control_plane"]!["debug"]}" : null;

    // The file that osm local status prints; it is replaced as a whole.
    private JsonNode? ReadStatus()
    {
        var file = Path.Join(State, "status.json");
        return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null;
    }

    private string LogDirectory => Directory.CreateDirectory(Path.Join(_directory, "logs")).FullName;

    private void Follow(StreamReader reader, string log) => _ = Task.Run(async () =>
    {
        await using var file = new StreamWriter(Path.Join(LogDirectory, log), append: true) { AutoFlush = true };
        while (await reader.ReadLineAsync() is { } line)
        {
            await file.WriteLineAsync(line);
        }
    });
}
