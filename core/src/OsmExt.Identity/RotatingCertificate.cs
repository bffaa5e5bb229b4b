namespace OsmExt.Identity;

/// <summary>
/// One certificate, issued once for each epoch however many ask at a time. When issuing fails the previous certificate stays
/// as long as it is valid, and issuing is tried again after a growing pause.
/// </summary>
/// <param name="issue">Issues the certificate of an epoch; may throw.</param>
/// <param name="windowOf">When an issued certificate is valid.</param>
/// <param name="time">Tells the epoch.</param>
internal sealed class RotatingCertificate<T>(Func<RotationEpoch, T> issue, Func<T, ValidityWindow> windowOf, TimeProvider time)
    where T : class
{
    private readonly Lock _gate = new();
    private RotationSchedule _schedule;
    private RotationEpoch _epoch;
    private T? _certificate;
    private Exception? _failure;
    private int _failures;
    private DateTimeOffset _retryAt;
    private bool _superseded;

    public static TimeSpan FirstRetry { get; } = TimeSpan.FromSeconds(5);

    public static TimeSpan LongestRetry { get; } = TimeSpan.FromMinutes(5);

    /// <summary>When there will be something to do: the epoch's end, or the next try. Null until the certificate was asked for.</summary>
    public DateTimeOffset? Due
    {
        get
        {
            lock (_gate)
            {
                return _failures > 0 ? _retryAt : _certificate is null ? null : _superseded ? time.GetUtcNow() : _epoch.End;
            }
        }
    }

    /// <summary>Goes over to a schedule, the same as before or another, and does what is due.</summary>
    public Renewal<T> Renew(RotationSchedule schedule)
    {
        lock (_gate)
        {
            if (schedule != _schedule)
            {
                _schedule = schedule;
                _failures = 0;
            }

            return RenewUnderGate();
        }
    }

    /// <summary>Another certificate is due before the epoch ends, for example because the issuer changed.</summary>
    public void Supersede()
    {
        lock (_gate)
        {
            (_superseded, _failures) = (_certificate is not null, 0);
        }
    }

    /// <summary>Does what is due. Never throws.</summary>
    public Renewal<T> Renew()
    {
        lock (_gate)
        {
            return RenewUnderGate();
        }
    }

    // Compares epochs instead of waiting for an instant, so that a clock set back is noticed like one that runs on.
    private Renewal<T> RenewUnderGate()
    {
        var now = time.GetUtcNow();
        var epoch = _schedule.At(now);
        if (epoch == _epoch && !_superseded && ValidAt(now) is { } current)
        {
            (_failures, _failure) = (0, null);
            return new(RenewalOutcome.Unchanged, current, null, epoch.End);
        }

        if (_failures > 0 && now < _retryAt && _retryAt - now <= LongestRetry)
        {
            return new(RenewalOutcome.Unchanged, ValidAt(now), _failure, _retryAt);
        }

        return Issue(epoch, now);
    }

    private Renewal<T> Issue(RotationEpoch epoch, DateTimeOffset now)
    {
        var first = _certificate is null && _failure is null;
        try
        {
            var certificate = issue(epoch);
            if (!windowOf(certificate).Contains(now))
            {
                throw new InvalidOperationException($"The issued certificate is not valid at {now:u}.");
            }

            _certificate = certificate;
            _epoch = epoch;
            _superseded = false;
            (_failures, _failure) = (0, null);
            return new(first ? RenewalOutcome.First : RenewalOutcome.Replaced, _certificate, null, epoch.End);
        }
        catch (Exception exception)
        {
            _failure = exception;
            _retryAt = now + Pause(_failures++);
            return new(RenewalOutcome.Failed, ValidAt(now), exception, _retryAt);
        }
    }

    private T? ValidAt(DateTimeOffset now) => _certificate is not null && windowOf(_certificate).Contains(now) ? _certificate : null;

    private static TimeSpan Pause(int failures)
    {
        // Ten doublings are past the longest pause; many more are past what can be reckoned with.
        var pause = FirstRetry * Math.Pow(2, Math.Min(failures, 10));
        return pause < LongestRetry ? pause : LongestRetry;
    }
}

/// <summary>What asking for a certificate did.</summary>
internal enum RenewalOutcome
{
    /// <summary>Nothing was due, or the pause after a failure is not over.</summary>
    Unchanged,

    /// <summary>The first certificate was issued, at the first try.</summary>
    First,

    /// <summary>A certificate was issued that those who asked before do not know.</summary>
    Replaced,

    /// <summary>Issuing failed just now.</summary>
    Failed,
}

/// <summary>The certificate after a renewal.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Certificate">A valid certificate; null when there is none.</param>
/// <param name="Failure">Why the certificate is not the current epoch's.</param>
/// <param name="Due">When there will be something to do.</param>
internal readonly record struct Renewal<T>(RenewalOutcome Outcome, T? Certificate, Exception? Failure, DateTimeOffset Due)
    where T : class;
