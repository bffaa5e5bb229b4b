using OsmExt.Kubernetes.Sources;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli;

/// <summary>Manifests read once, for commands that do not stay.</summary>
internal static class Manifests
{
    /// <summary>Everything readable under the paths; what is not is in the snapshot's diagnostics.</summary>
    public static ResourceSnapshot Load(IReadOnlyList<string> paths) => ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(paths), out _);

    /// <summary>Whether there is anything to work with: every path exists, every file could be read, and there are objects.</summary>
    public static bool IsUsable(ResourceSnapshot snapshot)
        => snapshot.Count > 0 && !snapshot.Diagnostics.Any(diagnostic => diagnostic is { Code: DiagnosticCodes.Unreadable, Severity: Severity.Error });
}
