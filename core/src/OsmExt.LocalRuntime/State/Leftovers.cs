using Microsoft.Extensions.Logging;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.State;

/// <summary>Removes what a run of a mesh left behind when it could not clean up itself.</summary>
internal static partial class Leftovers
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Cleans up after the run whose state is in the directory. False when there was none.</summary>
    public static async Task<bool> CleanAsync(StateDirectory directory, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        if (RunState.Load(directory.Path) is not { } state)
        {
            return false;
        }

        Log.Cleaning(logger, state.Mesh, state.Namespaces.Count, state.Processes.Count);
        if (string.Equals(state.Boot, RunState.CurrentBoot(), StringComparison.Ordinal))
        {
            await EndAsync(state.Processes, time, cancellation).ConfigureAwait(false);
        }

        foreach (var name in state.Namespaces)
        {
            await NetworkNamespaces.DeleteAsync(name, cancellation).ConfigureAwait(false);
        }

        RunJournal.RemoveFilesDirectory(state);
        directory.RemoveFiles();
        File.Delete(Path.Join(directory.Path, RunState.FileName));
        return true;
    }

    private static async Task EndAsync(IReadOnlyList<ProcessStamp> processes, TimeProvider time, CancellationToken cancellation)
    {
        Signal(processes, Native.SigTerm);
        var start = time.GetTimestamp();
        while (processes.Any(process => process.IsRunning) && time.GetElapsedTime(start) < Grace)
        {
            await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
        }

        Signal(processes, Native.SigKill);
    }

    private static void Signal(IReadOnlyList<ProcessStamp> processes, int signal)
    {
        foreach (var process in processes)
        {
            process.Signal(signal);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 7010, EventName = nameof(Cleaning), Level = LogLevel.Warning,
            Message = "An earlier run of mesh {Mesh} did not clean up; removing {Namespaces} network namespaces and {Processes} processes")]
        public static partial void Cleaning(ILogger logger, string mesh, int namespaces, int processes);
    }
}
