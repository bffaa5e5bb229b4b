using System.ComponentModel;
using System.Diagnostics;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>
/// An Envoy that ends when this process does, however that ends: somebody beside it reads a pipe that only we hold open, and ends it with the pipe.
/// </summary>
internal sealed class EnvoyProcess : IAsyncDisposable
{
    private const int LastLines = 5;

    // The program takes the shell's place, and with it the number the reader knows.
    private const string Script = """log=$1; shift; exec 3<&0; (read -r _; kill -9 $$) <&3 2>/dev/null & exec 3<&-; exec "$@" </dev/null >/dev/null 2>"$log" """;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly string _log;

    private EnvoyProcess(Process process, string log) => (_process, _log) = (process, log);

    public bool HasEnded => _process.HasExited;

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <exception cref="InvalidOperationException">It cannot be started.</exception>
    public static EnvoyProcess Start(string program, IEnumerable<string> arguments, string log, string folder)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", log, program, .. arguments]) { RedirectStandardInput = true, WorkingDirectory = folder };
        // Nothing of the test's environment changes what it does.
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["TMPDIR"] = start.Environment["HOME"] = folder;
        try
        {
            return new(Process.Start(start)!, log);
        }
        catch (Win32Exception failure)
        {
            throw new InvalidOperationException($"{program} cannot be started: {failure.Message}", failure);
        }
    }

    /// <summary>What it said last, when it has ended by itself.</summary>
    public InvalidOperationException Ended(string pod)
    {
        string[] said = File.Exists(_log) ? [.. File.ReadLines(_log).TakeLast(LastLines)] : [];
        return new($"The Envoy of {pod} has ended by itself{(HasEnded ? $" with {_process.ExitCode}" : "")}.{string.Concat(said.Select(line => $"\n  {line}"))}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Grace, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }
}
