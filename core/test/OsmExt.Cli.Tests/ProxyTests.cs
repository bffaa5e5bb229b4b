using System.Diagnostics;
using System.Runtime.Versioning;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm proxy run</c>: one sidecar without Envoy.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProxyTests : IDisposable
{
    private readonly TempMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task A_bootstrap_that_cannot_be_used_is_said_with_everything_that_is_wrong_with_it()
    {
        var file = Path.Combine(_mesh.Root, "bootstrap.yaml");
        var missing = await Osm.RunAsync("proxy", "run", "-c", file);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains(file, missing.Errors, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "node: {id: x}\ntracing: {http: {name: y}}\nflags_path: z\n");
        var wrong = await Osm.RunAsync("proxy", "run", "-c", file);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("tracing: ", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("flags_path: ", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_runs_without_a_control_plane_until_it_is_told_to_end()
    {
        var printed = await Osm.RunAsync(
            "bootstrap", "--config", _mesh.Manifests, "--state", _mesh.State, "--proxy", "shop/store", "--control-plane", "127.0.0.1:1");
        Assert.Equal((0, ""), (printed.ExitCode, printed.Errors));
        var file = Path.Combine(_mesh.Root, "bootstrap.yaml");
        await File.WriteAllTextAsync(file, printed.Output);

        using var process = Osm.Start("proxy", "run", "-c", file, "--admin-address", "127.0.0.1:0");
        try
        {
            var line = await process.StandardError.ReadLineAsync().WaitAsync(Osm.Bound, TimeProvider.System);
            Assert.Contains("No stream from the control plane at 127.0.0.1:1", line, StringComparison.Ordinal);
            _ = process.StandardError.ReadToEndAsync();

            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync().WaitAsync(Osm.Bound, TimeProvider.System);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
