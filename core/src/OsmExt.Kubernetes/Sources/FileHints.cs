namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// File events, as hints only: they make a change known at once, but events get lost, and none come from a directory that was
/// replaced by another, so that whoever uses them has to look for himself now and then.
/// </summary>
internal sealed class FileHints(IReadOnlyList<string> roots, bool isEnabled, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private HashSet<string> _roots = new(StringComparer.Ordinal);
    private Touches _touches = new();
    private TaskCompletionSource _signal = NewSignal();
    private bool _isSuspect;

    /// <summary>Watches the directories that the roots are now. Also their parents, to see a root come, go or be swapped.</summary>
    public void Follow()
    {
        if (!isEnabled)
        {
            return;
        }

        var (wanted, rootPaths) = Wanted();
        bool isSuspect;
        lock (_lock)
        {
            (_roots, isSuspect, _isSuspect) = (rootPaths, _isSuspect, false);
        }

        // A watcher stays with the directory it was given, wherever that is moved: after events about a root, start anew.
        foreach (var (path, watcher) in _watchers.ToList())
        {
            if (isSuspect || !wanted.TryGetValue(path, out var deep) || deep != watcher.IncludeSubdirectories)
            {
                watcher.Dispose();
                _watchers.Remove(path);
            }
        }

        foreach (var (path, deep) in wanted)
        {
            Watch(path, deep);
        }
    }

    /// <summary>The events since the last call.</summary>
    public Touches Take()
    {
        lock (_lock)
        {
            var taken = _touches;
            if (taken.Noticed is not null)
            {
                (_touches, _signal) = (new(), NewSignal());
            }

            return taken;
        }
    }

    /// <summary>Waits for an event, but no longer than that.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        Task signal;
        lock (_lock)
        {
            signal = _signal.Task;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(signal, Task.Delay(longest, time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
        {
            watcher.Dispose();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (Dictionary<string, bool> Directories, HashSet<string> Roots) Wanted()
    {
        var directories = new Dictionary<string, bool>(StringComparer.Ordinal);
        var rootPaths = new HashSet<string>(StringComparer.Ordinal);
        var paths = new RealPaths();
        foreach (var root in roots.Select(root => Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))))
        {
            if (Path.GetDirectoryName(root) is { } above && paths.Of(above) is { } parent && Directory.Exists(parent))
            {
                directories.TryAdd(parent, false);
                rootPaths.Add(Path.Combine(parent, Path.GetFileName(root)));
            }

            if (paths.Of(root) is { } real && Directory.Exists(real))
            {
                directories[real] = true;
            }
        }

        return (directories, rootPaths);
    }

    private void Watch(string path, bool deep)
    {
        if (_watchers.ContainsKey(path))
        {
            return;
        }

        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new(path)
            {
                IncludeSubdirectories = deep,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += (_, change) => Add(change.FullPath, change.Name, deep, Touch.Placed);
            watcher.Deleted += (_, change) => Add(change.FullPath, change.Name, deep, Touch.Written);
            watcher.Changed += (_, change) => AddWrite(change.FullPath, change.Name, deep);
            watcher.Renamed += (_, change) =>
            {
                Add(change.OldFullPath, change.OldName, deep, Touch.Written);
                Add(change.FullPath, change.Name, deep, Touch.Renamed);
            };
            watcher.Error += (_, _) => Lose();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(path, watcher);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // Out of watches, or the directory is gone again: rescans find what happens there.
            watcher?.Dispose();
        }
    }

    // Contents matter in manifests only. Their directory changes whenever they come and go; those events say it better.
    private void AddWrite(string path, string? name, bool deep)
    {
        if (DirectoryScanner.IsManifest(path))
        {
            Add(path, name, deep, Touch.Written);
        }
    }

    private void Add(string path, string? name, bool deep, Touch touch)
    {
        lock (_lock)
        {
            var isRoot = _roots.Contains(path);
            if (isRoot || (deep ? !IsHidden(name ?? "") : name?.StartsWith("..", StringComparison.Ordinal) == true))
            {
                _isSuspect |= isRoot && !DirectoryScanner.IsManifest(path);
                _touches.Add(path, touch, time.GetTimestamp());
                _signal.TrySetResult();
            }
        }
    }

    // Hidden directories are not read, except through links, as those of a mounted ConfigMap.
    private static bool IsHidden(string name)
        => name.Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.') && !part.StartsWith("..", StringComparison.Ordinal));

    private void Lose()
    {
        lock (_lock)
        {
            _isSuspect = true;
            _touches.Sign(time.GetTimestamp());
            _signal.TrySetResult();
        }
    }
}
