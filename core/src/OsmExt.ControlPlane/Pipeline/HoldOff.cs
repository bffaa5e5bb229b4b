namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Decides when changes are worth the work of compiling policy, which is much the same for one change and for a hundred. Whoever was
/// quiet is served at once. A namespace that changes again and again is given time to finish, longer each time, up to a bound and to what the work takes: waiting longer than that
/// saves less than it costs. In each case it waits no more than a few times the quiet it should have kept; it never makes others wait. And the work itself takes half of the time at most, unless somebody would wait longer than the
/// bound because of it. Used by one thread.
/// </summary>
/// <param name="longestQuiet">How long a busy namespace has to be quiet at most.</param>
/// <param name="atMost">No change waits longer than this.</param>
/// <param name="time">The clock.</param>
internal sealed class HoldOff(TimeSpan longestQuiet, TimeSpan atMost, TimeProvider time)
{
    private static readonly TimeSpan FirstQuiet = TimeSpan.FromMilliseconds(10);

    // What sending a change to a proxy and taking its answer costs, roughly.
    private static readonly TimeSpan PerProxy = TimeSpan.FromMilliseconds(0.1);

    // How many times the quiet a namespace that keeps none is waited for.
    private const int Patience = 5;

    // Who has not been served for as long is taken for quiet again.
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private long? _observedAt;
    private long? _first;
    private long _servedAt;
    private TimeSpan _rest;

    // Unknown as long as nothing was done.
    private TimeSpan _cost = TimeSpan.MaxValue;
    private bool _immediately;

    public bool IsWaiting => _first is not null;

    /// <summary>How long until the work is due; null when there is none, zero when it is due.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            if (_first is not { } first)
            {
                return null;
            }

            if (_immediately)
            {
                return TimeSpan.Zero;
            }

            var untilQuiet = _lines.Values.Where(line => line.IsWaiting)
                .Min(line => Sooner(QuietOf(line) - time.GetElapsedTime(line.LastAt), (QuietOf(line) * Patience) - time.GetElapsedTime(line.FirstAt)));
            var untilRested = _rest - time.GetElapsedTime(_servedAt);
            var untilBound = atMost - time.GetElapsedTime(first);
            var ready = untilQuiet > untilRested ? untilQuiet : untilRested;
            var due = Sooner(ready, untilBound);
            return due < TimeSpan.Zero ? TimeSpan.Zero : due;
        }
    }

    public bool IsDue => Remaining is { } remaining && remaining == TimeSpan.Zero;

    /// <param name="origin">The namespace that changed; empty for what is of no namespace.</param>
    /// <param name="observedAt">When the change was noticed; the earliest is kept.</param>
    /// <param name="immediately">Wait for nothing.</param>
    public void Request(string origin, long? observedAt, bool immediately = false)
    {
        var now = time.GetTimestamp();
        _first ??= now;
        _observedAt = (_observedAt, observedAt) switch
        {
            ({ } earlier, { } later) => Math.Min(earlier, later),
            var (earlier, later) => earlier ?? later,
        };
        _immediately |= immediately;
        if (!_lines.TryGetValue(origin, out var line))
        {
            _lines[origin] = line = new();
        }
        else if (!line.IsWaiting && time.GetElapsedTime(line.ServedAt, now) >= Memory)
        {
            line.Quiet = TimeSpan.Zero;
        }

        line.FirstAt = line.IsWaiting ? line.FirstAt : now;
        (line.IsWaiting, line.LastAt) = (true, now);
    }

    /// <summary>The work is being done. Returns when the first of its changes was noticed.</summary>
    public long? Taken()
    {
        var observedAt = _observedAt;
        (_first, _observedAt, _immediately, _servedAt) = (null, null, false, time.GetTimestamp());
        foreach (var (origin, line) in _lines.ToArray())
        {
            if (line.IsWaiting)
            {
                line.Quiet = line.Quiet == TimeSpan.Zero ? FirstQuiet : line.Quiet * 2;
                line.Quiet = Sooner(line.Quiet, longestQuiet);
                (line.IsWaiting, line.ServedAt) = (false, _servedAt);
            }
            else if (time.GetElapsedTime(line.ServedAt) >= Memory)
            {
                _lines.Remove(origin);
            }
        }

        return observedAt;
    }

    /// <summary>The work is done; it rests for as long as it took.</summary>
    public void Done()
    {
        var now = time.GetTimestamp();
        (_rest, _servedAt) = (time.GetElapsedTime(_servedAt, now), now);
        _cost = _rest;
    }

    /// <summary>What followed from the work: so much time for translating, and so many proxies that are sent something.</summary>
    public void Followed(TimeSpan translating, int proxies) => _cost += translating + (proxies * PerProxy);

    private TimeSpan QuietOf(Line line) => Sooner(line.Quiet, _cost > FirstQuiet ? _cost : FirstQuiet);

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed class Line
    {
        public bool IsWaiting { get; set; }

        public long FirstAt { get; set; }

        public long LastAt { get; set; }

        public long ServedAt { get; set; }

        public TimeSpan Quiet { get; set; }
    }
}
