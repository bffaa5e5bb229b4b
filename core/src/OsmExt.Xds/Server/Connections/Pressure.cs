using Microsoft.Extensions.Options;

namespace OsmExt.Xds.Server.Connections;

/// <summary>
/// Whether this process has so much to do, or so little left, that newcomers have to go elsewhere or come later. Those who are
/// there are served on. It is looked at when somebody comes, and not otherwise.
/// </summary>
internal sealed class Pressure : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private readonly Lock _lock = new();
    private readonly XdsServerOptions _options;
    private readonly IProcessLimits _limits;
    private readonly TimeProvider _clock;
    private readonly ITimer _heart;
    private bool _isMemoryShort;
    private int _files;
    private long? _lookedAt;
    private long _beatAt;

    public Pressure(IOptions<XdsServerOptions> options, IProcessLimits limits, TimeProvider clock)
    {
        (_options, _limits, _clock, _beatAt) = (options.Value, limits, clock, clock.GetTimestamp());

        // Runs on the pool: when the pool is busy for long, it comes late.
        _heart = clock.CreateTimer(_ => Volatile.Write(ref _beatAt, clock.GetTimestamp()), null, Beat, Beat);
    }

    /// <summary>What is short; null when nothing is.</summary>
    public string? Reason
    {
        get
        {
            if (_clock.GetElapsedTime(Volatile.Read(ref _beatAt)) > _options.PoolDelay + Beat)
            {
                return "waiting work";
            }

            lock (_lock)
            {
                Look_NeedsLock();
                return _isMemoryShort ? "memory" : _files < _options.SpareFileDescriptors ? "files" : null;
            }
        }
    }

    /// <summary>
    /// Whether a connection that was just accepted may stay. It counts at once, so that a crowd that comes between two looks does not
    /// get what is kept in reserve. Half of that is left to the ports that proxies do not use.
    /// </summary>
    public bool TryTakeDescriptor()
    {
        lock (_lock)
        {
            if (!Look_NeedsLock())
            {
                _files--;
            }

            if (_files >= _options.SpareFileDescriptors / 2)
            {
                return true;
            }

            _files++;
            return false;
        }
    }

    public void Dispose() => _heart.Dispose();

    // Returns whether it looked, and did not remember.
    private bool Look_NeedsLock()
    {
        if (_lookedAt is { } looked && _clock.GetElapsedTime(looked) < Freshness)
        {
            return false;
        }

        (_lookedAt, _isMemoryShort, _files) = (_clock.GetTimestamp(), _limits.MemoryLoad > _options.MemoryLoad, _limits.FreeFileDescriptors);
        return true;
    }
}
