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
        lock (_lock)
        {
            // A watcher stays with the directory it was given, wherever that is moved: after events about a root, start anew.
            foreach (var (path, watcher) in _watchers.ToList())
            {
                if (_isSuspect || !wanted.TryGetValue(path, out var deep) || deep != watcher.IncludeSubdirectories)
                {
                    watcher.Dispose();
                    _watchers.Remove(path);
                }
            }

            (_roots, _isSuspect) = (rootPaths, false);
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
            watcher.Created += (_, change) => Add(change, deep, replaced: true);
            watcher.Deleted += (_, change) => Add(change, deep, replaced: false);
            watcher.Renamed += (_, change) => Add(change, deep, replaced: true);
            watcher.Changed += (_, change) => Add(change, deep, replaced: false);
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

    private void Add(FileSystemEventArgs change, bool deep, bool replaced)
    {
        lock (_lock)
        {
            var isRoot = _roots.Contains(change.FullPath);
            if (isRoot || (deep ? IsOfUse(change) : change.Name?.StartsWith("..", StringComparison.Ordinal) == true))
            {
                _isSuspect |= isRoot && change.ChangeType != WatcherChangeTypes.Changed;
                _touches.Add(change.FullPath, replaced, time.GetTimestamp());
                _signal.TrySetResult();
            }
        }
    }

    // Anything may be a directory that comes or goes; contents matter in manifests only. Hidden directories are not read, except
    // through links, as those of a mounted ConfigMap.
    private static bool IsOfUse(FileSystemEventArgs change)
    {
        var isHidden = (change.Name ?? "").Split(Path.DirectorySeparatorChar)
            .Any(part => part.StartsWith('.') && !part.StartsWith("..", StringComparison.Ordinal));
        return !isHidden && (change.ChangeType != WatcherChangeTypes.Changed || DirectoryScanner.IsManifest(change.FullPath));
    }

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
