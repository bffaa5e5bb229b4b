using k8s.Models;

namespace OsmExt.Node.Pods;

/// <summary>What a node says of a pod.</summary>
internal static class PodReport
{
    public static V1PodStatus Of(NodePod pod, string nodeAddress)
    {
        var phase = Phase(pod);
        var ready = phase == "Running" && pod.Containers.All(container => container.IsReady) && pod.InitContainers.All(container => container.IsDone || container.IsReady);
        return new()
        {
            Phase = phase,
            HostIP = nodeAddress,
            PodIP = pod.Address.ToString(),
            PodIPs = [new() { Ip = pod.Address.ToString() }],
            StartTime = pod.Pod.Metadata.CreationTimestamp,
            Message = pod.Problem,
            Conditions =
            [
                Condition("PodScheduled", true), Condition("Initialized", pod.IsInitialized), Condition("ContainersReady", ready), Condition("Ready", ready),
            ],
            InitContainerStatuses = [.. pod.InitContainers.Select(container => Status(container, pod.Pod.Spec.InitContainers))],
            ContainerStatuses = [.. pod.Containers.Select(container => Status(container, pod.Pod.Spec.Containers))],
        };

        V1PodCondition Condition(string type, bool holds) => new() { Type = type, Status = holds ? "True" : "False", LastTransitionTime = pod.Pod.Metadata.CreationTimestamp };
    }

    private static string Phase(NodePod pod)
    {
        var failed = pod.InitContainers.Any(container => container is { IsDone: true, LastExit: not (null or 0) }) && !pod.IsInitialized;
        return pod switch
        {
            _ when failed => "Failed",
            { Containers.Count: 0 } => "Pending",
            _ when pod.Containers.All(container => container.IsDone) => pod.Containers.All(container => container.LastExit == 0) ? "Succeeded" : "Failed",
            _ => "Running",
        };
    }

    private static V1ContainerStatus Status(RunningContainer container, IList<V1Container> specs) => new()
    {
        Name = container.Name,
        Image = specs.First(spec => spec.Name == container.Name).Image,
        ImageID = "",
        Ready = container.IsReady || (container.IsDone && container.LastExit == 0),
        Started = container.IsStarted,
        RestartCount = container.Restarts,
        State = container switch
        {
            { IsRunning: true } => new() { Running = new() },
            { IsDone: true } => new() { Terminated = new() { ExitCode = container.LastExit ?? 0, Reason = container.LastExit == 0 ? "Completed" : "Error" } },
            _ => new() { Waiting = new() { Reason = container.Problem?.Split(':')[0] ?? "ContainerCreating", Message = container.Problem } },
        },
    };
}
