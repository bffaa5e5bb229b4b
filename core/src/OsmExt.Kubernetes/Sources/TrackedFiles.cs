using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>
/// The watched files over time: which to read, which are really gone, and what is in force. The rules: absence is believed at
/// once when the directory is there to show it; a directory that is not there, or has only just come back, shows nothing.
/// </summary>
internal sealed class TrackedFiles(DirectorySourceOptions options, TimeProvider time)
{
    private readonly SortedDictionary<string, TrackedFile> _files = new(StringComparer.Ordinal);
    private readonly Touches _touches = new();
    private DirectoryScan _scan = new([], []);
    private PluginKinds _kinds = PluginKinds.None;

    // When a watched path came back, or last changed after it did, as long as its missing files are not believed to be gone.
    private long? _returned;

    /// <summary>The contents in force, in the order of the files' names.</summary>
    public IReadOnlyCollection<FileContent> Contents => [.. _files.Values.Select(file => file.Content)];

    /// <summary>Whether some file has to be tried again without a sign of change.</summary>
    public bool NeedRetry => _files.Values.Any(file => file.NeedsRetry);

    /// <summary>Whether everything has to be read again, since there are other kinds than before.</summary>
    public bool KindsChanged => !options.Kinds().Equals(_kinds);

    /// <summary>Whether every watched path is there.</summary>
    public bool IsComplete => _scan.IsComplete;

    /// <summary>Events since the last update.</summary>
    public void Note(Touches touches) => _touches.Add(touches);

    /// <summary>
    /// Reads what changed. A file that is written while it is read is left for the next time, unless it must be read now; the
    /// answer is whether there was one.
    /// </summary>
    /// <param name="scan">A look at the files that is not older than the last sign of writing.</param>
    /// <param name="since">When the first sign of the change was noticed.</param>
    /// <param name="mustRead">Whether to take what is there even while it is written.</param>
    public bool Update(DirectoryScan scan, long since, bool mustRead, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (_scan.Gaps.Any(gap => gap.IsRoot && !scan.Gaps.Contains(gap)) || (_returned is not null && scan.Files != _scan.Files))
        {
            _returned = now;
        }

        _scan = scan;
        if (_returned is null)
        {
            RemoveMissing();
        }

        var (isRestless, kinds) = (false, options.Kinds());
        foreach (var stamp in scan.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            isRestless |= !Read(stamp, (since, now + Ticks(options.Settle)), mustRead, kinds);
        }

        _kinds = isRestless ? _kinds : kinds;

        if (!isRestless)
        {
            _touches.Clear();
        }

        return isRestless;
    }

    /// <summary>
    /// Believes removals that have been doubted long enough; the answer is since when the oldest of them was known, or null.
    /// </summary>
    public long? Settle(long now)
    {
        long? since = null;
        foreach (var file in _files.Values.Where(file => file.Doubt is { } doubt && doubt.Until <= now))
        {
            since = Math.Min(since ?? long.MaxValue, file.Doubt!.Value.Since);
            file.Settle();
        }

        if (_returned is { } returned && returned + Ticks(options.Settle) <= now)
        {
            since = Math.Min(since ?? long.MaxValue, returned);
            _returned = null;
            RemoveMissing();
        }

        return since;
    }

    /// <summary>How long until <see cref="Settle"/> has something to do; null when it has not.</summary>
    public TimeSpan? UntilSettle(long now)
    {
        var dues = _files.Values.Where(file => file.Doubt is not null).Select(file => file.Doubt!.Value.Until).ToList();
        if (_returned is { } returned)
        {
            dues.Add(returned + Ticks(options.Settle));
        }

        return dues.Count == 0 ? null : time.GetElapsedTime(now, Math.Max(now, dues.Min()));
    }

    /// <summary>What is wrong with the files and directories themselves.</summary>
    public IEnumerable<Diagnostic> Diagnostics()
    {
        foreach (var gap in _scan.Gaps)
        {
            var location = new SourceLocation(gap.Path.Replace('\\', '/'));
            yield return new(DiagnosticCodes.Unreadable, Severity.Error, null, "", gap.Message, "Create it, or make it readable for this process", location);
            if (_files.Any(file => gap.Covers(file.Key) && file.Value.Content.HasObjects))
            {
                yield return new(DiagnosticCodes.LastGoodKept, Severity.Warning, null, "", "What was last read from it stays in force",
                    "Bring it back; to remove its objects, empty it", location);
            }
        }

        foreach (var diagnostic in _files.Values.SelectMany(file => file.Diagnostics()))
        {
            yield return diagnostic;
        }
    }

    private bool Read(FileStamp stamp, (long Since, long Until) doubt, bool mustRead, PluginKinds kinds)
    {
        var file = _files.GetValueOrDefault(stamp.Label) ?? new(stamp.Label);
        if (stamp == file.Stamp && !_touches.Has(stamp) && kinds.Equals(_kinds))
        {
            return true;
        }

        var text = FileText.Read(stamp, options.MaxFileBytes);
        if (!mustRead && stamp.Problem is null && stamp.Again() != stamp)
        {
            return false;
        }

        file.Accept(stamp, text, _touches.IsReplaced(stamp), doubt, kinds);
        _files[stamp.Label] = file;
        return true;
    }

    private void RemoveMissing()
    {
        var present = _scan.Files.Select(file => file.Label).ToHashSet(StringComparer.Ordinal);
        foreach (var label in _files.Keys.Where(label => !present.Contains(label) && !_scan.IsUncertain(label)).ToList())
        {
            _files.Remove(label);
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}
