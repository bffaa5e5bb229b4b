namespace OsmExt.Fleet.Proxies;

/// <summary>How a proxy departs from a good one.</summary>
internal enum Manner
{
    /// <summary>Reads and acknowledges at once.</summary>
    Good,

    /// <summary>Acknowledges late.</summary>
    Late,

    /// <summary>Reads little at a time.</summary>
    Slow,

    /// <summary>Reads nothing any more once it has everything.</summary>
    Stuck,

    /// <summary>Refuses every third response once it has everything.</summary>
    Nacker,
}

/// <summary>Which share of proxies departs, in percent, and how.</summary>
/// <param name="Late">Acknowledge late.</param>
/// <param name="Delay">How late.</param>
/// <param name="Slow">Read slowly: two kilobytes at a time, with a pause of a tenth of that before each.</param>
/// <param name="Stuck">Stop reading.</param>
/// <param name="Nackers">Refuse.</param>
internal sealed record Shares(double Late, TimeSpan Delay, double Slow, double Stuck, double Nackers)
{
    /// <summary>Spread evenly, so that every namespace has some of each.</summary>
    public Manner Of(int proxy)
    {
        // A low-discrepancy sequence: any run of proxies has about the shares of the whole.
        var at = proxy * 61.803398875 % 100;
        foreach (var (manner, share) in ((Manner, double)[])[(Manner.Late, Late), (Manner.Slow, Slow), (Manner.Stuck, Stuck), (Manner.Nacker, Nackers)])
        {
            if (at < share)
            {
                return manner;
            }

            at -= share;
        }

        return Manner.Good;
    }
}
