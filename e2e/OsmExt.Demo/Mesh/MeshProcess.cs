using System.Diagnostics;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.Demo.Mesh;

/// <summary>The mesh: <c>osm local up</c> as a child process.</summary>
internal sealed class MeshProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DemoOptions _options;
    private readonly Process _process;
    private readonly CancellationTokenSource _ended = new();
    private readonly List<string> _said = [];

    private MeshProcess(DemoOptions options, ProcessStartInfo start)
    {
        _options = options;
        _process = new() { StartInfo = start, EnableRaisingEvents = true };
        _process.Exited += (_, _) => _ended.Cancel();
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
    }

    /// <summary>Canceled when the mesh is gone, for whatever reason.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>How it ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it said on both outputs, once it has ended.</summary>
    public async Task<IReadOnlyList<string>> SaidAsync()
    {
        await _process.WaitForExitAsync();
        lock (_said)
        {
            return [.. _said];
        }
    }

    /// <summary>Starts it. Ctrl-C in the terminal is ours alone: the mesh takes a second signal for haste, so it must get exactly one.</summary>
    public static MeshProcess Start(DemoOptions options)
    {
        string[] command =
        [
            options.Osm, "local", "up", "--config", options.Mesh, "--images", options.Images, "--name", options.Name, "--logs", options.Logs,
            "--data-plane", options.DataPlane, "--network", options.Network,
            .. options.Envoy is { } version ? ["--envoy", version] : Array.Empty<string>(),
        ];
        // Where setsid is missing, osm says so and what else is.
        var line = Command.Find("setsid", Environment.GetEnvironmentVariable("PATH")) is { } setsid ? [setsid, .. command] : command;
        var mesh = new MeshProcess(options, new(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true });
        mesh._process.Start();
        mesh._process.BeginOutputReadLine();
        mesh._process.BeginErrorReadLine();
        return mesh;
    }

    /// <summary>Removes what an earlier run left: a mesh that still runs without its demo, or the remains of one.</summary>
    public static async Task<string> CleanAsync(DemoOptions options, CancellationToken cancellation)
        => (await Command.RunAsync(options.Osm, ["local", "down", "--name", options.Name], input: null, cancellation)).Trim();

    /// <summary>Takes the mesh down and waits until nothing of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Ask();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
        }

        await _process.WaitForExitAsync();
        if (_process.ExitCode is not (0 or DemoRun.Missing))
        {
            // It could not clean up itself.
            await CleanAsync(_options, CancellationToken.None);
        }

        _process.Dispose();
        _ended.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is not null)
        {
            lock (_said)
            {
                _said.Add(line);
            }
        }
    }

    // Windows has no such request.
    private void Ask()
    {
        if (OperatingSystem.IsWindows())
        {
            _process.Kill();
        }
        else
        {
            Native.Kill(_process.Id, Native.SigTerm);
        }
    }
}
