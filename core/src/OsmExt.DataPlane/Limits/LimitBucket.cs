using Envoy.Type.V3;

namespace OsmExt.DataPlane.Limits;

/// <summary>A token bucket: filled little by little, never beyond its brim. Without a configuration it never runs dry.</summary>
internal sealed class LimitBucket
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly double _most;
    private readonly double _perSecond;
    private double _tokens;
    private long _last;

    public LimitBucket(TokenBucket? bucket, TimeProvider time)
    {
        _time = time;
        _most = bucket?.MaxTokens ?? double.PositiveInfinity;
        _perSecond = bucket is null ? 0 : (bucket.TokensPerFill ?? 1) / Math.Max(0.05, bucket.FillInterval?.ToTimeSpan().TotalSeconds ?? 1);
        _tokens = _most;
        _last = time.GetTimestamp();
    }

    /// <summary>Takes a token; says whether there was one.</summary>
    public bool Take()
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(_most, _tokens + (_time.GetElapsedTime(_last, now).TotalSeconds * _perSecond));
            _last = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens -= 1;
            return true;
        }
    }
}
