using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.LocalRuntime;

namespace OsmExt.Cli.Local;

/// <summary>Ends a local mesh from outside.</summary>
internal static class LocalDown
{
    /// <summary>Asks a running mesh to go down and waits for it; otherwise removes what a crashed one left.</summary>
    public static async Task<int> RunAsync(string name, TimeProvider time, CancellationToken cancellation)
    {
        if (LocalStatus.RunnerOf(name) is { } pid && Running(pid) is { } runner)
        {
            using (runner)
            {
                Native.Kill(pid, Native.SigTerm);
                await runner.WaitForExitAsync(cancellation).ConfigureAwait(false);
            }

            return ExitCode.Ok;
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
            Console.WriteLine(cleaned ? $"Removed what mesh {name} had left behind." : $"Mesh {name} left nothing behind.");
            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"osm: {failure.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    // The number may have been given to somebody else since.
    private static Process? Running(int pid)
    {
        try
        {
            var process = Process.GetProcessById(pid);
            return process.ProcessName is "osm" or "dotnet" ? process : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
