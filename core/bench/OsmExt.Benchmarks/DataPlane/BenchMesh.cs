using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.LocalRuntime;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>
/// A mesh that <c>osm local up</c> runs, with two pairs of pods: in one the sidecars are Envoys, in the other the embedded data plane. Interception,
/// control plane, policy and application are the same.
/// </summary>
internal sealed class BenchMesh : IAsyncDisposable
{
    public const string Envoy = "envoy";
    public const string Embedded = "embedded";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}");
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("osm-bench-");
    private readonly Process _mesh;

    private BenchMesh(string osm, string envoy, int services)
    {
        var manifests = Directory.CreateDirectory(Path.Join(_directory.FullName, "manifests")).FullName;
        File.WriteAllText(Path.Join(manifests, "mesh.yaml"), BenchManifests.Mesh(services, [(Envoy, envoy), (Embedded, "")]));
        var start = new ProcessStartInfo(osm,
            [
                "local", "up", "--name", _name, "--config", manifests, "--images", _directory.FullName, "--logs", Path.Join(_directory.FullName, "logs"),
                "--data-plane", Embedded, "--network", "namespaces",
            ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _mesh = Process.Start(start)!;
        _mesh.OutputDataReceived += (_, _) => { };
        // What is said of the services that are only there to be many.
        _mesh.ErrorDataReceived += (_, _) => { };
        _mesh.BeginOutputReadLine();
        _mesh.BeginErrorReadLine();
    }

    /// <summary>Starts it and waits until every sidecar answers through every protocol's way.</summary>
    public static async Task<BenchMesh> StartAsync(string osm, string envoy, int services)
    {
        var mesh = new BenchMesh(osm, envoy, services);
        try
        {
            foreach (var plane in (string[])[Envoy, Embedded])
            {
                foreach (var protocol in Enum.GetValues<Protocol>())
                {
                    await mesh.UntilAnsweredAsync(protocol, mesh.WayThrough(plane));
                }
            }

            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>From a client through both sidecars to the application.</summary>
    public Way WayThrough(string plane) => new(PodNetwork.OfPod(_name, BenchManifests.Namespace, $"{plane}-client"), $"{plane}-server", Secure: false);

    /// <summary>Between the same pods past the sidecars.</summary>
    public Way WayPast(string plane) => WayThrough(plane) with { Host = BenchManifests.AddressOf($"{plane}-server"), Secure = true };

    /// <summary>The processes of a data plane's two sidecars, the client's first.</summary>
    public (int Client, int Server) Sidecars(string plane) => (SidecarOf($"{plane}-client"), SidecarOf($"{plane}-server"));

    public async ValueTask DisposeAsync()
    {
        using (var down = Process.Start(new ProcessStartInfo("kill", ["-TERM", _mesh.Id.ToString(CultureInfo.InvariantCulture)])))
        {
            await (down?.WaitForExitAsync() ?? Task.CompletedTask);
        }

        await _mesh.WaitForExitAsync();
        _mesh.Dispose();
        _directory.Delete(recursive: true);
    }

    // Its containers are called app.
    private int SidecarOf(string pod)
    {
        var status = JsonNode.Parse(File.ReadAllText($"/var/lib/osmext/local/{_name}/status.json"));
        var sidecar = status!["processes"]!.AsArray().First(process => $"{process!["name"]}" is var name
            && name.StartsWith($"{BenchManifests.Namespace}.{pod}/", StringComparison.Ordinal) && !name.EndsWith("/app", StringComparison.Ordinal));
        return sidecar!["pid"]!.GetValue<int>();
    }

    private async Task UntilAnsweredAsync(Protocol protocol, Way way)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var client = await IEchoClient.OpenAsync(protocol, way, 1);
                await client.AskAsync().WaitAsync(TimeSpan.FromSeconds(5));
                return;
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException or System.Net.Sockets.SocketException or TimeoutException)
            {
                if (_mesh.HasExited || Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new InvalidOperationException($"{way.Host} does not answer over {protocol}: {failure.Message} Try osm local check.\n{Logs()}", failure);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    private string Logs() => string.Join('\n', _directory.EnumerateFiles("*.err.log", SearchOption.AllDirectories)
        .Select(file => (file.Name, Text: File.ReadAllText(file.FullName)))
        .Where(log => log.Text.Length > 0)
        .Select(log => $"{log.Name}: {log.Text[Math.Max(0, log.Text.Length - 1000)..]}"));
}
