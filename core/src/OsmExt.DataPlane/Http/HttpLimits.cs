using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;

namespace OsmExt.DataPlane.Http;

/// <summary>What a connection manager takes from clients, as far as it is checked before there is a request.</summary>
/// <param name="HeaderBytes">All headers of a request together.</param>
/// <param name="HeaderCount">How many there may be.</param>
/// <param name="HeadersTime">From the first byte of a request to the last of its headers.</param>
/// <param name="Idle">How long a connection may be without a request.</param>
internal sealed record HttpLimits(int HeaderBytes, int HeaderCount, TimeSpan HeadersTime, TimeSpan Idle)
{
    // Kestrel's timers know no eternity.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    // Envoy has no limit of its own for it; whoever says headers this slowly has no good reason to.
    private static readonly TimeSpan OtherwiseHeaders = TimeSpan.FromSeconds(30);

    public static HttpLimits Of(HttpConnectionManager manager)
    {
        var common = manager.CommonHttpProtocolOptions;
        return new(
            (int)Math.Min(manager.MaxRequestHeadersKb ?? 60, 8192) * 1024,
            (int)Math.Min(common?.MaxHeadersCount ?? 100, 10_000),
            Within(manager.RequestHeadersTimeout?.ToTimeSpan(), OtherwiseHeaders, OtherwiseHeaders),
            Within(common?.IdleTimeout?.ToTimeSpan(), TimeSpan.FromHours(1), Longest));
    }

    private static TimeSpan Within(TimeSpan? configured, TimeSpan otherwise, TimeSpan none)
        => configured is not { } time ? otherwise : time <= TimeSpan.Zero ? none : time < Longest ? time : Longest;
}
