using Envoy.Config.Route.V3;

namespace OsmExt.Simulation.Http;

/// <summary>A cluster a route sends to, its probability, and the entry of the weighted list it comes from.</summary>
internal readonly record struct ClusterShare(string Cluster, double Share, WeightedCluster.Types.ClusterWeight? Entry);

/// <summary>The clusters of a route by probability.</summary>
internal static class ClusterChoice
{
    public static IReadOnlyList<ClusterShare> Choose(RouteAction action, HttpRequest request, string element)
    {
        Understood.Check(action, element);
        switch (action.ClusterSpecifierCase)
        {
            case RouteAction.ClusterSpecifierOneofCase.Cluster:
                return [new(action.Cluster, 1, null)];
            case RouteAction.ClusterSpecifierOneofCase.ClusterHeader:
                return [new(ByteText.Show(request.Header(ByteText.Lower(action.ClusterHeader)) ?? ""), 1, null)];
            case RouteAction.ClusterSpecifierOneofCase.WeightedClusters:
                var weighted = Understood.Check(action.WeightedClusters, element).Clusters;
                var total = weighted.Sum(entry => (double)(entry.Weight ?? 0));
                return total <= 0
                    ? throw new UndecidedException(element, "all weights are zero, which Envoy refuses")
                    : [.. weighted.Where(entry => entry.Weight > 0)
                        .Select(entry => new ClusterShare(NameOf(Understood.Check(entry, element), request), entry.Weight!.Value / total, entry))];
            default:
                throw new UndecidedException(element, $"{action.ClusterSpecifierCase} is not known");
        }
    }

    private static string NameOf(WeightedCluster.Types.ClusterWeight entry, HttpRequest request)
        => entry.Name.Length > 0 ? entry.Name : ByteText.Show(request.Header(ByteText.Lower(entry.ClusterHeader)) ?? "");
}
