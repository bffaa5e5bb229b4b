using System.Diagnostics;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.Cli.Local;

/// <summary>Brings a mesh up in a process of its own and waits until its sidecars are configured.</summary>
internal static class LocalDetach
{
    private const string LogVariable = "OSM_LOCAL_UP_LOG";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="name">The mesh's name.</param>
    /// <param name="logs">Where its logs go; its own is <c>up.log</c>.</param>
    /// <param name="arguments">What this program was started with.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellation">Stops waiting; the mesh goes down then.</param>
    public static async Task<int> RunAsync(string name, string logs, IEnumerable<string> arguments, TimeProvider time, CancellationToken cancellation)
    {
        if (LocalMeshView.Find(name) is not null)
        {
            await Console.Error.WriteLineAsync($"osm: the mesh {name} is running already; end it with osm local down --name {name}").ConfigureAwait(false);
            return ExitCode.Failed;
        }

        Directory.CreateDirectory(logs);
        var log = Path.Join(logs, "up.log");
        File.Delete(log);
        using var process = Process.Start(Start(log, [.. arguments.Where(argument => argument != "--detach")], OperatingSystem.IsLinux()))!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var watch = time.CreateTimer(_ => limit.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            while (!process.HasExited)
            {
                if (LocalMeshView.Find(name) is { } mesh && await IsReadyAsync(mesh, limit.Token).ConfigureAwait(false))
                {
                    Console.Out.Write(await ReadAsync(log, cancellation).ConfigureAwait(false));
                    Console.WriteLine($"Mesh {name} is up with {mesh.Sidecars} sidecars. Change it with osm local apply DIR --name {name}, end it with osm local down --name {name}.");
                    return ExitCode.Ok;
                }

                await Task.Delay(Look, time, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await LocalDown.RunAsync(name, time, CancellationToken.None).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"osm: mesh {name} did not come up; its log is {log}").ConfigureAwait(false);
            return ExitCode.Failed;
        }

        await Console.Error.WriteAsync(await ReadAsync(log, CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false);
        return process.ExitCode == ExitCode.Ok ? ExitCode.Failed : process.ExitCode;
    }

    /// <summary>How it is started so that it outlives this process, with its output in the log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="hasSessions">Whether there is a session of its own to be had: neither a terminal's Ctrl-C nor its end is for it then.</param>
    internal static ProcessStartInfo Start(string log, IReadOnlyList<string> arguments, bool hasSessions)
    {
        var ((program, first), path) = (ThisProgram.Command, Environment.GetEnvironmentVariable("PATH"));
        return hasSessions
            ? new(Command.Find("setsid", path) ?? "setsid",
                [Command.Find("sh", path) ?? "sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", log, program, .. first, .. arguments])
            : new(program, [.. first, .. arguments]) { Environment = { [LogVariable] = log }, CreateNoWindow = true };
    }

    /// <summary>Sends what this process says to the log that the one that started it has named, if it has.</summary>
    public static void Redirect()
    {
        if (Environment.GetEnvironmentVariable(LogVariable) is { Length: > 0 } log)
        {
            var said = TextWriter.Synchronized(new StreamWriter(new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true });
            Console.SetOut(said);
            Console.SetError(said);
        }
    }

    // It is being written.
    private static async Task<string> ReadAsync(string log, CancellationToken cancellation)
    {
        await using var file = new FileStream(log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<bool> IsReadyAsync(LocalMeshView mesh, CancellationToken cancellation)
    {
        try
        {
            return await mesh.IsInForceAsync(cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
