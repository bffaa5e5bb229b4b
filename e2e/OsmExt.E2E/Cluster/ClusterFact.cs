using OsmExt.TestedKubernetes;

namespace OsmExt.E2E.Cluster;

/// <summary>A test on a cluster of this process: real Envoys, kubectl and helm. Skipped with the reason where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = Requirements.SkipReason ?? (Requirements.IsStrict ? null : KubernetesTools.Missing);
}
