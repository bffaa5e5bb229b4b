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
        new("PATH", SearchPath),
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

    /// <summary>What lets a .NET program that is one of many on a machine be small.</summary>
    public static LabelSet OfSmallPrograms { get; } = LabelSet.From([new("DOTNET_gcServer", "0"), new("DOTNET_TieredPGO", "0")]);

    private static string? RuntimeRoot
    {
        get
        {
            var root = Path.GetFullPath(Path.Join(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
            return Directory.Exists(Path.Join(root, "host", "fxr")) ? root : null;
        }
    }
}
