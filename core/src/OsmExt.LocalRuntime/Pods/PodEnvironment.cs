using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Pods;

/// <summary>The environment of a process in a pod: nothing of ours, but what every program needs to run.</summary>
internal static class PodEnvironment
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>The container's own variables win.</summary>
    public static LabelSet For(LabelSet own, string hostName, string home) => LabelSet.From(
    [
        .. OperatingSystem.IsWindows() ? OfWindows : [new("PATH", SearchPath)],
        new("HOME", home),
        new("TMPDIR", home),
        new("HOSTNAME", hostName),
        // A .NET program looks for its runtime where the machine says, which need not be where ours is.
        .. RuntimeRoot is { } root ? [new KeyValuePair<string, string>("DOTNET_ROOT", root)] : Array.Empty<KeyValuePair<string, string>>(),
        .. own,
    ]);

    /// <summary>What a sidecar is told of its pod, as the injector does in a cluster; request metrics name the pod by it.</summary>
    public static LabelSet OfSidecar(Pod pod) => LabelSet.From(
    [
        new("POD_UID", pod.Metadata.Uid),
        new("POD_NAME", pod.Metadata.Name),
        new("POD_NAMESPACE", pod.Metadata.Namespace),
        new("POD_IP", pod.Addresses.IsEmpty ? "" : pod.Addresses[0]),
        new("SERVICE_ACCOUNT", pod.ServiceAccount),
    ]);

    /// <summary>
    /// What lets a .NET program that is one of many on a machine be small, and leave processors to others: threads that wait for work do not spin, and what comes from the
    /// network goes on where it was noticed, as nothing of a sidecar waits with a thread of its own (ADR 15).
    /// </summary>
    public static LabelSet OfSmallPrograms { get; } = LabelSet.From(
    [
        new("DOTNET_gcServer", "0"), new("DOTNET_gcConcurrent", "0"), new("DOTNET_TieredPGO", "0"),
        new("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0"), new("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1"),
    ]);

    // Without these no program finds its libraries there, or opens a socket.
    private static KeyValuePair<string, string>[] OfWindows
        => [Same("PATH"), Same("SystemRoot")];

    private static KeyValuePair<string, string> Same(string name) => new(name, Environment.GetEnvironmentVariable(name) ?? "");

    private static string? RuntimeRoot
    {
        get
        {
            var root = Path.GetFullPath(Path.Join(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
            return Directory.Exists(Path.Join(root, "host", "fxr")) ? root : null;
        }
    }
}
