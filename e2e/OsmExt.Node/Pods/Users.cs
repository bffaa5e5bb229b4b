using k8s.Models;
using OsmExt.Node.Containers;

namespace OsmExt.Node.Pods;

/// <summary>Who a container runs as.</summary>
internal static class Users
{
    // Images of this node name no user of their own.
    private const long Nobody = 65534;

    /// <exception cref="InvalidOperationException">What is asked contradicts itself; the words are a kubelet's.</exception>
    public static ContainerUser Of(V1Pod pod, V1Container container)
    {
        var (whole, own) = (pod.Spec.SecurityContext, container.SecurityContext);
        var user = own?.RunAsUser ?? whole?.RunAsUser ?? Nobody;
        if ((own?.RunAsNonRoot ?? whole?.RunAsNonRoot) == true && user == 0)
        {
            throw new InvalidOperationException("container has runAsNonRoot and image will run as root");
        }

        var dropped = own?.Capabilities?.Drop ?? [];
        var kept = dropped.Contains("ALL") ? [] : ContainerUser.Defaults.Except(dropped);
        string[] groups = [.. (whole?.SupplementalGroups ?? []).Select(group => $"{group}"), .. whole?.FsGroup is { } files ? (string[])[$"{files}"] : []];
        return new(user, own?.RunAsGroup ?? whole?.RunAsGroup ?? (user == 0 ? 0 : user), [.. groups.Select(long.Parse)],
            own?.Privileged == true ? ["all"] : [.. kept.Concat(own?.Capabilities?.Add ?? []).Distinct()], own?.AllowPrivilegeEscalation ?? true);
    }
}
