using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using OsmExt.Simulation.Http;

namespace OsmExt.Simulation;

/// <summary>What one proxy does with a share of equal requests: either it replies, or it forwards.</summary>
/// <param name="Share">The share, from 0 to 1.</param>
/// <param name="Trail">The elements taken.</param>
/// <param name="Reply">The end, or null.</param>
/// <param name="Forward">Where it goes, or null.</param>
internal sealed record ProxyOutcome(double Share, Trail Trail, Reply? Reply, Forward? Forward);

/// <summary>Where a proxy sends something.</summary>
/// <param name="Cluster">To one endpoint of this cluster.</param>
/// <param name="Request">The request as it is sent; null for a mere connection.</param>
/// <param name="Routed">Whether the proxy reads requests, and so answers itself when it reaches nobody; else it closes the connection.</param>
internal sealed record Forward(Cluster Cluster, HttpRequest? Request, bool Routed);

/// <summary>The elements taken so far; extending it leaves the original as it was, so that ways may part.</summary>
/// <param name="At">Whose configuration the next element is of.</param>
/// <param name="Steps">The elements.</param>
internal sealed record Trail(string At, ImmutableList<Step> Steps)
{
    public static Trail Start(string at) => new(at, []);

    public Trail Took(string element, string name, string detail = "", ImmutableArray<string> origins = default)
        => this with { Steps = Steps.Add(new(At, element, name, detail) { Origins = origins.IsDefault ? [] : origins }) };

    public Trail Enters(string at) => this with { At = at };

    public ProxyOutcome Ends(Reply reply) => new(1, this, reply, null);
}
