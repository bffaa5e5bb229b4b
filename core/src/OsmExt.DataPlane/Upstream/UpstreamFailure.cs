namespace OsmExt.DataPlane.Upstream;

/// <summary>What went wrong between the proxy and an endpoint, in the words Envoy has for it.</summary>
internal enum Failure
{
    /// <summary>A connection could not be opened: UF.</summary>
    Connect,

    /// <summary>A circuit breaker is open: UO.</summary>
    Overflow,

    /// <summary>The connection broke before the answer was whole: UC.</summary>
    Reset,

    /// <summary>The route's time limit is over: UT.</summary>
    Timeout,

    /// <summary>The time limit of a single attempt is over: UT, but may be tried again.</summary>
    PerTryTimeout,
}

/// <summary>A connection to an endpoint failed.</summary>
/// <param name="failure">How.</param>
/// <param name="reason">Why, as far as it is known.</param>
internal sealed class UpstreamException(Failure failure, string reason) : IOException(reason)
{
    public Failure Failure { get; } = failure;
}
