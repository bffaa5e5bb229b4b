using Envoy.Config.Route.V3;

namespace OsmExt.Simulation.Http;

/// <summary>A way that a share of equal requests takes through a connection manager, before its filters.</summary>
/// <param name="Share">The share, from 0 to 1.</param>
/// <param name="Trail">The elements taken; null when nobody asks for them.</param>
/// <param name="Place">Route configuration, virtual host, route and entry of the weighted list; nothing where no route matches.</param>
/// <param name="Reply">What the proxy answers itself when the filters let pass; null when it is sent on.</param>
/// <param name="Cluster">Where it is sent on to; empty for nowhere.</param>
internal sealed record HttpWay(double Share, Trail? Trail, PerFilterConfig Place, Reply? Reply, string Cluster)
{
    /// <summary>The virtual host, also where none of its routes matches.</summary>
    public VirtualHost? Host { get; init; }

    /// <summary>Whether the reply is given without asking the filters.</summary>
    public bool BeforeFilters { get; init; }
}
