using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.State;

/// <summary>The running mesh's <see cref="RunState"/>: one writer at a time, on disk after every change.</summary>
internal sealed class RunJournal(string directory, RunState initial)
{
    private readonly Lock _gate = new();
    private RunState _state = initial;

    /// <summary>Begins the journal of a new run of this process.</summary>
    /// <param name="directory">Where it is kept.</param>
    /// <param name="mesh">The mesh's name.</param>
    /// <param name="makesNamespaces">Whether the run makes network namespaces.</param>
    public static RunJournal Begin(string directory, string mesh, bool makesNamespaces = true)
    {
        var state = new RunState(mesh, RunState.CurrentBoot(), ProcessStamp.Of(Environment.ProcessId) ?? default)
        {
            MadeFilesDirectory = makesNamespaces && !Directory.Exists(NetworkNamespaces.FilesDirectory),
        };
        state.Save(directory);
        return new(directory, state);
    }

    public void Add(ProcessStamp process) => Change(state => state with { Processes = [.. state.Processes, process] });

    public void Remove(ProcessStamp process) => Change(state => state with { Processes = [.. state.Processes.Where(other => other != process)] });

    /// <summary>Whether the run made a namespace of that name, or is about to.</summary>
    public bool Owns(string networkNamespace)
    {
        lock (_gate)
        {
            return _state.Namespaces.Contains(networkNamespace);
        }
    }

    public void AddNamespace(string name) => Change(state => state with { Namespaces = [.. state.Namespaces, name] });

    public void RemoveNamespace(string name)
        => Change(state => state with { Namespaces = [.. state.Namespaces.Where(other => !string.Equals(other, name, StringComparison.Ordinal))] });

    /// <summary>Ends the journal: nothing of the run is left.</summary>
    public void End()
    {
        lock (_gate)
        {
            RemoveFilesDirectory(_state);
            File.Delete(Path.Join(directory, RunState.FileName));
        }
    }

    /// <summary>Removes the directory of namespaces' files if that run made it and nobody uses it.</summary>
    public static void RemoveFilesDirectory(RunState state)
    {
        if (state.MadeFilesDirectory
            && Directory.Exists(NetworkNamespaces.FilesDirectory)
            && !Directory.EnumerateFileSystemEntries(NetworkNamespaces.FilesDirectory).Any())
        {
            Directory.Delete(NetworkNamespaces.FilesDirectory);
        }
    }

    private void Change(Func<RunState, RunState> change)
    {
        lock (_gate)
        {
            _state = change(_state);
            _state.Save(directory);
        }
    }
}
