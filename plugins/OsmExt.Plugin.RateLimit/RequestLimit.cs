using System.ComponentModel.DataAnnotations;
using System.Globalization;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.RateLimit;

/// <summary>How many requests a workload answers. The schema of RequestLimits is made of this type.</summary>
/// <param name="Requests">How many requests are answered in each period.</param>
/// <param name="Per">The period.</param>
/// <param name="Burst">How many more may come at once when it was quiet before.</param>
internal sealed record RequestLimit([Range(1, 1_000_000)] int Requests, Period Per = Period.Second, [Range(0, 1_000_000)] int Burst = 0)
{
    /// <summary>Requests in each second.</summary>
    public double PerSecond => Requests / Length.TotalSeconds;

    private TimeSpan Length => Per switch
    {
        Period.Hour => TimeSpan.FromHours(1),
        Period.Minute => TimeSpan.FromMinutes(1),
        _ => TimeSpan.FromSeconds(1),
    };

    /// <summary>As Envoy's token bucket: full at first, and filled once in each period.</summary>
    public ConfigValue Bucket() => ConfigValue.From(new
    {
        maxTokens = Requests + Burst,
        tokensPerFill = Requests,
        fillInterval = string.Create(CultureInfo.InvariantCulture, $"{(long)Length.TotalSeconds}s"),
    });
}

/// <summary>A length of time.</summary>
internal enum Period
{
    Second,
    Minute,
    Hour,
}
