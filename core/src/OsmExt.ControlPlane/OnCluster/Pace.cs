namespace OsmExt.ControlPlane.OnCluster;

/// <summary>So many in a second, and some more at once after a quiet time.</summary>
internal sealed class Pace(double perSecond, TimeProvider time)
{
    private readonly double _burst = perSecond * 10;
    private double _left = perSecond * 10;
    private long _at = time.GetTimestamp();

    /// <summary>Takes one if there is one.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        (_left, _at) = (Math.Min(_burst, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond)), now);
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }

    /// <summary>Waits for one.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        while (!TryTake())
        {
            await Task.Delay(TimeSpan.FromSeconds(1 / perSecond), time, cancellationToken).ConfigureAwait(false);
        }
    }
}
