using k8s.Models;

namespace OsmExt.Node.Volumes;

/// <summary>The volume by which a pod's programs reach the API server, which an admission plugin of Kubernetes adds and the test API server does not.</summary>
internal static class AccountVolume
{
    private const string Name = "kube-api-access";
    private const string Path = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Adds it to a pod that has none and does not go without.</summary>
    public static void AddTo(V1Pod pod)
    {
        if (pod.Spec.AutomountServiceAccountToken == false)
        {
            return;
        }

        pod.Spec.Volumes =
        [
            .. pod.Spec.Volumes ?? [],
            new()
            {
                Name = Name,
                Projected = new()
                {
                    Sources =
                    [
                        new() { ServiceAccountToken = new() { Path = "token", ExpirationSeconds = 3607 } },
                        new() { ConfigMap = new() { Name = "kube-root-ca.crt", Items = [new() { Key = "ca.crt", Path = "ca.crt" }] } },
                        new() { DownwardAPI = new() { Items = [new() { Path = "namespace", FieldRef = new() { FieldPath = "metadata.namespace" } }] } },
                    ],
                },
            },
        ];
        foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).Where(container => container.VolumeMounts?.Any(mount => mount.MountPath == Path) != true))
        {
            container.VolumeMounts = [.. container.VolumeMounts ?? [], new() { Name = Name, MountPath = Path, ReadOnlyProperty = true }];
        }
    }
}
