using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm run</c>: how the control plane starts, and how it ends.</summary>
public sealed class RunTests : IDisposable
{
    private static readonly string[] AnyPorts = ["--xds-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--debug-address", "127.0.0.1:0"];
    private readonly TempMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_serves_until_it_is_told_to_end_and_ends_well(string signal)
    {
        using var process = Start();
        try
        {
            var address = await AddressAsync(process, "Http");
            using var http = new HttpClient();
            await UntilAsync(async () => (await http.GetAsync(new Uri(address, "/health/ready"))).IsSuccessStatusCode);
            Assert.Contains("osm_version_info", await http.GetStringAsync(new Uri(address, "/metrics")), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(_mesh.State, "ca", "root.key")));

            var rest = process.StandardOutput.ReadToEndAsync();
            using (var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
            Assert.All((await rest).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal("Information",
                (string?)JsonNode.Parse(line)!["LogLevel"]));
        }
        finally
        {
            Kill(process);
        }
    }

    [Fact]
    public async Task On_a_cluster_it_serves_until_it_is_told_to_end_and_leaves_no_files_that_matter()
    {
        await using var server = await Testing.ApiServer.ApiServer.StartAsync();
        await server.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "osm-system" } }, CancellationToken.None);
        var kubeconfig = Path.Combine(_mesh.Root, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig());
        using var process = Osm.Start(["run", "--kubernetes", "--kubeconfig", kubeconfig, "--state", _mesh.State, "--drain-delay", "0:00:00", .. AnyPorts]);
        try
        {
            var address = await AddressAsync(process, "Http");
            using var http = new HttpClient();
            await UntilAsync(async () => (await http.GetAsync(new Uri(address, "/health/ready"))).IsSuccessStatusCode);
            var output = process.StandardOutput.ReadToEndAsync();
            using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
            Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
            Assert.Contains("About to stop", await output, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(_mesh.State, "ca")));
        }
        finally
        {
            Kill(process);
        }
    }

    [Fact]
    public async Task Objects_come_from_one_place()
    {
        var none = await Osm.RunAsync(["run", .. AnyPorts]);
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("'--config' is required: name a directory of manifests, or use --kubernetes", none.Errors, StringComparison.Ordinal);
        var both = await RunAsync("--kubernetes");
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("exclude each other", both.Errors, StringComparison.Ordinal);
        var nowhere = await Osm.RunAsync(["run", "--kubernetes", "--kubeconfig", Path.Combine(_mesh.Root, "nowhere"), .. AnyPorts]);
        Assert.Equal(1, nowhere.ExitCode);
        Assert.Contains("nowhere", nowhere.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_at_any_moment_it_starts_again_with_the_same_authority()
    {
        var root = Path.Combine(_mesh.State, "ca", "root.crt");
        using (var first = Start())
        {
            await AddressAsync(first, "Http");
            first.Kill();
            await first.WaitForExitAsync();
        }

        var before = await File.ReadAllTextAsync(root);
        using var second = Start();
        try
        {
            await AddressAsync(second, "Http");
            Assert.Equal(before, await File.ReadAllTextAsync(root));
        }
        finally
        {
            Kill(second);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var run = await RunAsync("--http-address", taken.LocalEndpoint.ToString()!);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(taken.LocalEndpoint.ToString()!, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task An_address_that_is_not_this_machines_is_named()
    {
        var run = await RunAsync("--debug-address", "203.0.113.1:9092");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("203.0.113.1:9092", run.Errors, StringComparison.Ordinal);
        Assert.Contains("--debug-address", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("BackgroundService", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_that_are_nowhere_are_not_waited_for()
    {
        var run = await Osm.RunAsync(["run", "--config", Path.Combine(_mesh.Root, "nowhere"), "--state", _mesh.State, .. AnyPorts]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("nowhere", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_mesh.State));
    }

    [Theory]
    [InlineData("root.key", "")]
    [InlineData("root.key", "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n")]
    [InlineData("root.crt", "no certificate")]
    [InlineData("root.crt", null)]
    public async Task A_damaged_authority_is_named_and_left_as_it_is(string name, string? content)
    {
        await Osm.RunAsync("bootstrap", "--config", _mesh.Manifests, "--state", _mesh.State, "--proxy", "shop/store");
        var file = Path.Combine(_mesh.State, "ca", name);
        if (content is null)
        {
            File.Delete(file);
        }
        else
        {
            await File.WriteAllTextAsync(file, content);
        }

        var run = await RunAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(file, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("PRIVATE KEY", run.Errors + run.Output, StringComparison.Ordinal);
        Assert.Equal(content, File.Exists(file) ? await File.ReadAllTextAsync(file) : null);
    }

    [Fact]
    public async Task State_that_is_no_directory_is_named()
    {
        await File.WriteAllTextAsync(_mesh.State, "a file");
        var run = await RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(_mesh.State, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_record_that_cannot_be_written_is_said_before_anything_is_served()
    {
        var file = _mesh.PathOf("mesh.yaml");
        var run = await RunAsync("--record", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(file, run.Errors, StringComparison.Ordinal);
        Assert.Contains("--record", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("BackgroundService", run.Output, StringComparison.Ordinal);
    }

    private Process Start(params string[] arguments) => Osm.Start(["run", "--config", _mesh.Manifests, "--state", _mesh.State, .. AnyPorts,
        .. arguments]);

    private async Task<Finished> RunAsync(params string[] arguments)
    {
        var ports = AnyPorts.Chunk(2).Where(pair => !arguments.Contains(pair[0])).SelectMany(pair => pair);
        return await Osm.RunAsync(["run", "--config", _mesh.Manifests, "--state", _mesh.State, .. ports, .. arguments]);
    }

    /// <summary>One of the addresses in the line that says it has started.</summary>
    private static async Task<Uri> AddressAsync(Process process, string which)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Osm.Bound, TimeProvider.System) is { } line)
        {
            if ((string?)JsonNode.Parse(line)!["State"]![which] is { } address)
            {
                return new(address);
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Osm.Bound);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
    }
}
