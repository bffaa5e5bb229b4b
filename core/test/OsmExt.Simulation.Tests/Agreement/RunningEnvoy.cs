using System.Diagnostics;
using System.Text.Json;
using Envoy.Config.Bootstrap.V3;
using OsmExt.Envoy;

namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>A real Envoy with a static configuration, and the ports its listeners got.</summary>
internal sealed class RunningEnvoy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private RunningEnvoy(Process process, DirectoryInfo folder, IReadOnlyDictionary<string, int> ports, Uri admin)
    {
        _process = process;
        _folder = folder;
        Ports = ports;
        Admin = admin;
    }

    public Uri Admin { get; }

    public IReadOnlyDictionary<string, int> Ports { get; }

    public static async Task<RunningEnvoy> StartAsync(string path, Bootstrap bootstrap)
    {
        var folder = Directory.CreateTempSubdirectory("osm-agreement-");
        var config = Path.Combine(folder.FullName, "envoy.json");
        var admin = Path.Combine(folder.FullName, "admin");
        await File.WriteAllTextAsync(config, EnvoyJson.ToJson(bootstrap));
        var start = new ProcessStartInfo(path, ["-c", config, "--admin-address-path", admin, "--disable-hot-restart", "--concurrency", "1",
            "--log-level", "error", "--log-path", Path.Combine(folder.FullName, "log")]);
        var process = Process.Start(start)!;
        var ports = await WaitAsync(process, admin, Path.Combine(folder.FullName, "log"), bootstrap.StaticResources.Listeners.Count);
        return new(process, folder, ports, new($"http://{(await File.ReadAllTextAsync(admin)).Trim()}"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<Dictionary<string, int>> WaitAsync(Process process, string admin, string log, int listeners)
    {
        using var http = new HttpClient();
        var deadline = Stopwatch.StartNew();
        while (deadline.Elapsed < Patience)
        {
            Assert.False(process.HasExited, File.Exists(log) ? await File.ReadAllTextAsync(log) : "Envoy did not start");
            if (File.Exists(admin) && await File.ReadAllTextAsync(admin) is { Length: > 0 } address)
            {
                var found = await PortsAsync(http, address.Trim());
                if (found.Count == listeners)
                {
                    return found;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new TimeoutException("Envoy's listeners did not come up.");
    }

    private static async Task<Dictionary<string, int>> PortsAsync(HttpClient http, string admin)
    {
        try
        {
            using var document = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://{admin}/listeners?format=json")));
            return document.RootElement.TryGetProperty("listener_statuses", out var statuses)
                ? statuses.EnumerateArray().ToDictionary(
                    status => status.GetProperty("name").GetString()!,
                    status
                        => status.GetProperty("local_address").GetProperty("socket_address").GetProperty("port_value").GetInt32(),
                            StringComparer.Ordinal)
                : [];
        }
        catch (HttpRequestException)
        {
            return [];
        }
    }
}
