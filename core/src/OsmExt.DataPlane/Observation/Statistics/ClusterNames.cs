using System.Collections.Frozen;
using Envoy.Config.Cluster.V3;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>The names under which clusters are counted and logged, which may be others than their own (<c>alt_stat_name</c>).</summary>
internal sealed class ClusterNames
{
    private volatile FrozenDictionary<string, string> _names = FrozenDictionary<string, string>.Empty;

    /// <summary>Takes over the clusters that are in force.</summary>
    public void Replace(IEnumerable<Cluster> clusters) => _names = clusters.ToFrozenDictionary(
        cluster => cluster.Name, cluster => cluster.AltStatName.Length > 0 ? cluster.AltStatName : cluster.Name, StringComparer.Ordinal);

    /// <summary>The name to count under.</summary>
    public string Of(string cluster) => _names.GetValueOrDefault(cluster, cluster);

    /// <summary>Whether some cluster is counted under a name.</summary>
    public bool IsCounted(string name) => _names.Values.Contains(name);
}
