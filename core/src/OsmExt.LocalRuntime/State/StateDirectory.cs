using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.State;

/// <summary>A mesh's directory on disk, held by one process at a time. The proxies' credentials live below it.</summary>
internal sealed class StateDirectory : IDisposable
{
    private readonly FileStream _lock;

    private StateDirectory(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>Where files of the run are: homes of its processes, credentials of its proxies.</summary>
    public string Files => System.IO.Path.Join(Path, "files");

    /// <summary>Takes the directory, and makes it if need be.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="isForOthers">Whether the proxies, which run as another user, have to reach it.</param>
    /// <exception cref="InvalidOperationException">Another process has it, others could write into it, or the proxies' user cannot reach it.</exception>
    public static StateDirectory Open(string path, bool isForOthers = true)
    {
        var full = System.IO.Path.GetFullPath(path);
        PassableDirectory.Create(full);
        if (OperatingSystem.IsLinux() && !FileAccessRules.IsUnderControlOf(full, [0, Native.EffectiveUser()]))
        {
            throw new InvalidOperationException($"'{full}' can be written by other users; choose a state directory only you can write to.");
        }

        if (OperatingSystem.IsLinux() && isForOthers && FileAccessRules.FirstClosed(full) is { } closed)
        {
            throw new InvalidOperationException($"The proxies run as another user, who cannot pass '{closed}'; choose a state directory outside it.");
        }

        try
        {
            return new(full, new FileStream(System.IO.Path.Join(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (RunState.Load(full) is { Owner.IsRunning: true } state)
        {
            throw new InvalidOperationException($"The mesh '{state.Mesh}' is already running, in process {state.Owner.Pid}.", e);
        }
    }

    /// <summary>Removes the run's files, credentials included.</summary>
    public void RemoveFiles()
    {
        if (Directory.Exists(Files))
        {
            Directory.Delete(Files, recursive: true);
        }
    }

    public void Dispose() => _lock.Dispose();
}
