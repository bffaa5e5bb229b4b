namespace OsmExt.E2E.Cluster;

/// <summary>A test on a cluster of this process: real Envoys, kubectl and helm. Skipped with the reason where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = Requirements.SkipReason ?? Missing;

    private static string? Missing => Requirements.IsStrict || (File.Exists(KubernetesTools.Kubectl) && File.Exists(KubernetesTools.Helm))
        ? null
        : "kubectl and helm are not there; run build/kubernetes-tools.";
}
