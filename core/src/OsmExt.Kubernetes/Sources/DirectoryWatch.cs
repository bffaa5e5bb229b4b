using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Sources;

/// <summary>One watch of the directories: the loop's state between two looks.</summary>
internal sealed class DirectoryWatch(DirectorySourceOptions options, FileHints hints, TimeProvider time)
{
    private readonly TrackedFiles _files = new(options, time);
    private readonly QuietPeriod _quiet = new(options, time);
    private readonly BatchBuilder _batches = new();
    private DirectoryScan? _last;
    private long? _updated;

    /// <summary>
    /// What has to be done now: note events; nothing more while somebody is writing; else look, and either wait for quiet because
    /// something is different, or read it. Gives the batch that came of it.
    /// </summary>
    public ResourceBatch? Step(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Note(hints.Take());
        var now = time.GetTimestamp();
        if (_quiet.Remaining(now) > TimeSpan.Zero)
        {
            return null;
        }

        // Watchers first: a change after the scan must not go unseen.
        hints.Follow();
        var scan = DirectoryScanner.Scan(options.Paths);
        var isFirst = _updated is null;
        if (!isFirst && (IsNews(scan) || IsRetryDue(now) || _files.KindsChanged))
        {
            _quiet.Sign(now);
        }

        _last = scan;
        var since = _quiet.Since ?? now;
        var isUpdated = isFirst || _quiet.Remaining(now) == TimeSpan.Zero;
        if (isUpdated)
        {
            Update(scan, since, isFirst || _quiet.IsOverdue(now), now, cancellationToken);
        }

        // A file somebody is writing to may be about to get back what it lacks.
        var settled = _quiet.Since is null ? _files.Settle(now) : null;
        return isUpdated || settled is not null
            ? _batches.Next(_files.Contents, _files.Diagnostics(), _files.IsComplete, Math.Min(isUpdated ? since : long.MaxValue, settled ?? long.MaxValue))
            : null;
    }

    /// <summary>How long to wait for an event before the next step.</summary>
    public TimeSpan Pause()
    {
        var now = time.GetTimestamp();
        var pause = _quiet.Remaining(now) ?? _files.UntilSettle(now) ?? options.Rescan;
        return pause < options.Rescan ? pause : options.Rescan;
    }

    private void Note(Touches touches)
    {
        if (touches.Noticed is { } noticed)
        {
            _files.Note(touches);
            _quiet.Sign(noticed.First);
            _quiet.Sign(noticed.Last);

            // What the next scan finds different is what the events told; it is no further sign.
            _last = null;
        }
    }

    private bool IsNews(DirectoryScan scan) => _last is not null && scan != _last;

    private bool IsRetryDue(long now) => _files.NeedRetry && time.GetElapsedTime(_updated!.Value, now) >= options.Rescan;

    private void Update(DirectoryScan scan, long since, bool mustRead, long now, CancellationToken cancellationToken)
    {
        _updated = now;
        if (_files.Update(scan, since, mustRead, cancellationToken))
        {
            _quiet.Sign(time.GetTimestamp());
        }
        else
        {
            _quiet.Close();
        }
    }
}
