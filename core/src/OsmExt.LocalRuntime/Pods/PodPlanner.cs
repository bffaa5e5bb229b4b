using System.Net;
using OsmExt.Interception;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Pods;

/// <summary>Turns pods into plans. A pod that cannot be run as asked has no plan and is reported; the others are not affected.</summary>
internal sealed class PodPlanner(LocalMeshOptions options)
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly Dictionary<string, EnvoySearchResult> _envoys = new(StringComparer.Ordinal);

    public async Task<(IReadOnlyList<PodPlan> Plans, IReadOnlyList<Diagnostic> Diagnostics)> PlanAsync(
        IEnumerable<LocalPod> pods, CancellationToken cancellation)
    {
        var plans = new List<PodPlan>();
        var diagnostics = new List<Diagnostic>();
        var addresses = new Dictionary<IPAddress, ResourceKey>();
        foreach (var pod in pods.OrderBy(pod => pod.Pod.Key))
        {
            var problems = new List<Diagnostic>();
            var plan = await PlanAsync(pod, problems, cancellation).ConfigureAwait(false);
            problems.AddRange(plan.Addresses.Where(addresses.ContainsKey).Select(address => Problem(
                pod.Pod, DiagnosticCodes.Conflict, "status.podIPs", $"{addresses[address]} has the address {address} too; the pod is not started",
                "Give every pod its own address")));
            if (problems.Count == 0)
            {
                plans.Add(plan);
                plan.Addresses.ToList().ForEach(address => addresses.Add(address, pod.Pod.Key));
            }

            diagnostics.AddRange(problems);
        }

        return (plans, diagnostics);
    }

    private async Task<PodPlan> PlanAsync(LocalPod local, List<Diagnostic> problems, CancellationToken cancellation)
    {
        var pod = local.Pod;
        problems.AddRange(BadNames(pod));
        return new PodPlan(pod.Key, NetworkOf(pod), pod.HostNetwork ? [] : Addresses(pod, problems))
        {
            Uid = pod.Metadata.Uid,
            ServiceAccount = pod.ServiceAccount,
            HostName = pod.Hostname.Length > 0 ? pod.Hostname : pod.Metadata.Name,
            HostNetwork = pod.HostNetwork,
            Containers = pod.Containers.Select((container, index) => Container(pod, container, index, problems)).OfType<ContainerPlan>().ToEquatableArray(),
            Sidecar = local.Meshed ? await SidecarAsync(local, problems, cancellation).ConfigureAwait(false) : null,
        };
    }

    // Names become names of files, written by root.
    private static IEnumerable<Diagnostic> BadNames(Pod pod)
    {
        List<(string Field, string Text)> names = [("metadata.namespace", pod.Metadata.Namespace), ("metadata.name", pod.Metadata.Name)];
        names.AddRange(pod.Containers.Select((container, index) => ($"spec.containers[{index}].name", container.Name)));
        return names.Where(name => !IsAllowed(name.Field, name.Text)).Select(name => Problem(
            pod, DiagnosticCodes.InvalidValue, name.Field, $"'{name.Text}' is no name Kubernetes would allow; the pod is not started",
            "Use lower-case letters, digits, hyphens and dots"));
    }

    // A namespace is a single label; were it not, two pods could have one name on this machine.
    private static bool IsAllowed(string field, string name)
        => NetworkNames.IsDns(name) && (field != "metadata.namespace" || !name.Contains('.', StringComparison.Ordinal));

    private string? NetworkOf(Pod pod) => options.Loopback is not null ? null : pod.HostNetwork
        ? NetworkNames.Node(options.Name)
        : NetworkNames.Pod(options.Name, pod.Metadata.Namespace, pod.Metadata.Name);

    private static EquatableArray<IPAddress> Addresses(Pod pod, List<Diagnostic> problems)
    {
        if (pod.Addresses.IsEmpty)
        {
            problems.Add(Problem(pod, DiagnosticCodes.MissingField, "status.podIPs", "The pod has no address; it is not started", "Give it one"));
        }

        problems.AddRange(pod.Addresses.Where(address => StrictAddress.Parse(address) is null).Select(address => Problem(
            pod, DiagnosticCodes.InvalidValue, "status.podIPs", $"'{address}' is not an IP address; the pod is not started", "Write an IPv4 or IPv6 address")));
        return pod.Addresses.Select(StrictAddress.Parse).OfType<IPAddress>().ToEquatableArray();
    }

    private ContainerPlan? Container(Pod pod, Container container, int index, List<Diagnostic> problems)
    {
        var field = $"spec.containers[{index}]";
        var (program, reason) = ContainerProgram.Find(container, options.ImagesDirectory, container.Environment["PATH"] ?? DefaultPath);
        if (program is null)
        {
            problems.Add(Problem(
                pod, DiagnosticCodes.DanglingReference, $"{field}.image", $"{Sentence(reason)}; the pod is not started",
                $"Put the program there, or set a command; images are looked for in '{options.ImagesDirectory}'"));
            return null;
        }

        if (options.Loopback is not null || !OperatingSystem.IsLinux())
        {
            return new(container.Name, program, User: null, container.Environment);
        }

        if (ProcessUser.For(program.Executable) is not { } user)
        {
            problems.Add(Problem(
                pod, DiagnosticCodes.InvalidValue, $"{field}.image",
                $"Only the proxy's user, {SidecarPorts.ProxyUser}, can run '{program.Executable}', and its traffic is not intercepted; the pod is not started",
                "Let other users read and run the program"));
            return null;
        }

        return new(container.Name, program, user, container.Environment);
    }

    private async Task<SidecarPlan?> SidecarAsync(LocalPod local, List<Diagnostic> problems, CancellationToken cancellation)
    {
        var pod = local.Pod;
        if (pod.HostNetwork)
        {
            problems.Add(Problem(
                pod, DiagnosticCodes.InvalidPolicy, "spec.hostNetwork", "A pod on the node's network cannot have a sidecar; it is not started",
                "Disable sidecar injection for the pod, or hostNetwork"));
            return null;
        }

        if (pod.Containers.FirstOrDefault(container => container.Name is SidecarPlan.Envoy or SidecarPlan.EmbeddedName) is { } taken)
        {
            problems.Add(Problem(
                pod, DiagnosticCodes.Conflict, "spec.containers", $"A container is called '{taken.Name}', which is the sidecar's name; the pod is not started",
                "Choose another name for the container"));
        }

        var interception = InterceptionAnnotations.Read(pod, local.Interception ?? options.Interception, problems);
        if (options.ReachByPodAddress || local.ReachByPodAddress)
        {
            interception = interception with { PodAddresses = pod.Addresses.Select(StrictAddress.Parse).OfType<IPAddress>().ToEquatableArray() };
        }

        var choice = pod.Metadata.Annotations[LocalPod.EnvoyAnnotation] ?? "";
        if (options.Embedded is { } embedded && choice.Length == 0)
        {
            return Embedded(pod, embedded, interception, problems);
        }

        if (options.Loopback is not null)
        {
            problems.Add(Problem(
                pod, DiagnosticCodes.InvalidPolicy, $"metadata.annotations[{LocalPod.EnvoyAnnotation}]",
                "Pods of this mesh are loopback addresses, where no Envoy can stand in for one; the pod is not started",
                "Remove the annotation, or start the mesh as root with network namespaces"));
            return null;
        }

        var envoy = await EnvoyAsync(pod, problems, cancellation).ConfigureAwait(false);
        return envoy is null ? null : new(envoy, interception);
    }

    private SidecarPlan? Embedded(Pod pod, EmbeddedSidecar embedded, InterceptionOptions interception, List<Diagnostic> problems)
    {
        if (OperatingSystem.IsLinux() && options.Loopback is null && FileAccessRules.FirstBarrier(embedded.Executable) is { } barrier)
        {
            problems.Add(Problem(
                pod, DiagnosticCodes.DanglingReference, "spec", $"User {SidecarPorts.ProxyUser} cannot run '{embedded.Executable}' past '{barrier}'; the pod is not started",
                "Let other users read and run the program"));
            return null;
        }

        return new(embedded.Executable, interception) { Embedded = embedded.Arguments };
    }

    private async Task<string?> EnvoyAsync(Pod pod, List<Diagnostic> problems, CancellationToken cancellation)
    {
        var choice = pod.Metadata.Annotations[LocalPod.EnvoyAnnotation] ?? "";
        var path = choice.Length == 0 ? options.EnvoyPath : choice;
        if (choice.Length > 0 && !choice.Contains('/', StringComparison.Ordinal))
        {
            // Looking is slow and may download; the answer is kept for the mesh's life, unless there was none.
            if (!_envoys.TryGetValue(choice, out var found) || found.Path is null)
            {
                _envoys[choice] = found = await options.FindEnvoy(choice, cancellation).ConfigureAwait(false);
            }

            path = found.Path ?? "";
        }

        if (Path.IsPathRooted(path) && Command.IsExecutable(path) && (!OperatingSystem.IsLinux() || FileAccessRules.FirstBarrier(path) is null))
        {
            return path;
        }

        problems.Add(Problem(
            pod, DiagnosticCodes.DanglingReference, $"metadata.annotations[{LocalPod.EnvoyAnnotation}]",
            $"There is no Envoy {(choice.Length > 0 ? $"'{choice}'" : $"'{path}'")} that user {SidecarPorts.ProxyUser} can run; the pod is not started",
            "Name a version that can be found, or the absolute path of a binary everybody may run"));
        return null;
    }

    private static Diagnostic Problem(Pod pod, string code, string field, string message, string advice)
        => new(code, Severity.Error, pod.Key, field, message, advice);

    private static string Sentence(string reason) => char.ToUpperInvariant(reason[0]) + reason[1..];
}
