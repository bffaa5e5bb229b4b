using Envoy.Config.Cluster.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>What outlier detection knows of one endpoint: failures in a row, and whether it is ejected.</summary>
internal sealed class OutlierRecord
{
    private readonly Lock _lock = new();
    private uint _inARow;
    private uint _gatewayInARow;
    private uint _localInARow;

    public bool IsEjected { get; private set; }

    public DateTimeOffset Until { get; private set; }

    /// <summary>How often it has been ejected, less what it has made up for since.</summary>
    public uint Ejections { get; private set; }

    /// <summary>Counts an answer. Says whether the endpoint has failed so often in a row that it should be ejected.</summary>
    /// <param name="rules">The cluster's.</param>
    /// <param name="status">The HTTP status; what did not come about at all counts as 503.</param>
    /// <param name="local">Whether no answer came from the endpoint.</param>
    /// <param name="random">Decides where only a part is enforced.</param>
    public bool Count(OutlierDetection rules, int status, bool local, Chance random)
    {
        lock (_lock)
        {
            if (local && rules.SplitExternalLocalOriginErrors)
            {
                return ++_localInARow >= (rules.ConsecutiveLocalOriginFailure ?? 5) && Enforced(rules.EnforcingConsecutiveLocalOriginFailure, 100, random, ref _localInARow);
            }

            _localInARow = 0;
            if (status < 500)
            {
                (_inARow, _gatewayInARow) = (0, 0);
                return false;
            }

            _gatewayInARow = status is 502 or 503 or 504 ? _gatewayInARow + 1 : 0;
            _inARow++;
            var gateway = _gatewayInARow >= (rules.ConsecutiveGatewayFailure ?? 5) && Enforced(rules.EnforcingConsecutiveGatewayFailure, 0, random, ref _gatewayInARow);
            return (_inARow >= (rules.Consecutive5Xx ?? 5) && Enforced(rules.EnforcingConsecutive5Xx, 100, random, ref _inARow)) || gateway;
        }
    }

    public void Eject(DateTimeOffset now, OutlierDetection rules)
    {
        lock (_lock)
        {
            IsEjected = true;
            Ejections++;
            var once = rules.BaseEjectionTime?.ToTimeSpan() ?? TimeSpan.FromSeconds(30);
            var most = rules.MaxEjectionTime?.ToTimeSpan() ?? TimeSpan.FromSeconds(300);
            Until = now + TimeSpan.FromTicks(Math.Min((once * Ejections).Ticks, Math.Max(most.Ticks, once.Ticks)));
        }
    }

    /// <summary>Lets it back in when its time is over; a while without being ejected makes the next ejection shorter.</summary>
    public void Review(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (IsEjected && now >= Until)
            {
                (IsEjected, _inARow, _gatewayInARow, _localInARow) = (false, 0, 0, 0);
            }
            else if (!IsEjected && Ejections > 0)
            {
                Ejections--;
            }
        }
    }

    private static bool Enforced(uint? percent, uint otherwise, Chance random, ref uint count)
    {
        count = 0;
        return random.Next(100) < (percent ?? otherwise);
    }
}
