namespace OsmExt.Sdk.Plugins;

/// <summary>
/// Where in a chain of filters something stands. A request passes the stages in this order; the mesh's own filters have their stage too:
/// access rules stand first in <see cref="Authorization"/>, its rate limits first in <see cref="RateLimit"/>.
/// </summary>
public enum FilterStage
{
    /// <summary>Before everything else.</summary>
    Edge,

    /// <summary>Answers to preflight requests.</summary>
    Cors,

    /// <summary>Finds out who calls.</summary>
    Authentication,

    /// <summary>Decides whether the caller may; after the mesh's own access rules.</summary>
    Authorization,

    /// <summary>Limits how much; after the mesh's own limits.</summary>
    RateLimit,

    /// <summary>Changes what is sent on.</summary>
    Traffic,

    /// <summary>Observes.</summary>
    Telemetry,

    /// <summary>The end of the chain, which sends the request on. It belongs to the mesh: nothing can be contributed here.</summary>
    Terminal,
}
