using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli;

/// <summary>Manifests read once, for commands that do not stay.</summary>
internal static class Manifests
{
    /// <summary>Everything readable under the paths; what is not is in the snapshot's diagnostics.</summary>
    /// <param name="paths">Files or directories.</param>
    /// <param name="plugins">The plugins whose kinds are read too; none by default.</param>
    public static ResourceSnapshot Load(IReadOnlyList<string> paths, PluginSet? plugins = null)
        => ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(new PluginKinds(plugins?.Kinds ?? [], plugins?.MayHaveSecrets == true), paths), out _);

    /// <summary>Whether there is anything to work with: every path exists, every file could be read, and there are objects.</summary>
    public static bool IsUsable(ResourceSnapshot snapshot)
        => snapshot.Count > 0 && !snapshot.Diagnostics.Any(diagnostic => diagnostic is { Code: DiagnosticCodes.Unreadable, Severity: Severity.Error });
}
