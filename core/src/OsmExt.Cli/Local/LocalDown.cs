using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.State;

namespace OsmExt.Cli.Local;

/// <summary>Ends a local mesh from outside.</summary>
internal static class LocalDown
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks a running mesh to go down and waits for it; otherwise removes what a crashed one left.</summary>
    public static async Task<int> RunAsync(string name, TimeProvider time, CancellationToken cancellation)
    {
        // Not the status file: it is not there yet while a mesh comes up.
        if (RunState.Load(LocalPaths.Runtime(name))?.Owner is { IsRunning: true } runner)
        {
            // The mesh alone: it ends what it has started itself. Where nobody can be asked to end it is ended, and what it leaves is removed.
            if (OperatingSystem.IsWindows())
            {
                runner.Signal(Native.SigTerm);
            }
            else
            {
                Native.Kill(runner.Pid, Native.SigTerm);
            }

            while (runner.IsRunning)
            {
                await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
            }

            if (!OperatingSystem.IsWindows())
            {
                return ExitCode.Ok;
            }
        }

        if (!Directory.Exists(LocalPaths.Runtime(name)))
        {
            Console.WriteLine($"There is no mesh named {name}.");
            return ExitCode.Ok;
        }

        try
        {
            var cleaned = await LocalMesh.CleanAsync(LocalPaths.Runtime(name), time, NullLogger.Instance, cancellation).ConfigureAwait(false);
            File.Delete(LocalPaths.Status(name));
            File.Delete(LocalPaths.Kubeconfig(name));
            LocalApplied.Remove(name);
            Console.WriteLine(cleaned ? $"Removed what mesh {name} had left behind." : $"Mesh {name} left nothing behind.");
            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"osm: {failure.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }
}
