using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Loading;

/// <summary>A directory of plugins: every folder in it that holds a <c>plugin.yaml</c>, or the directory itself when it is one plugin.</summary>
internal static class PluginDirectory
{
    /// <summary>The folders of plugins, sorted.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory must not be read.</exception>
    public static IReadOnlyList<string> Folders(string directory)
        => File.Exists(Path.Combine(directory, PluginManifestReader.FileName))
            ? [directory]
            : [.. Directory.EnumerateDirectories(directory)
                .Where(folder => !Path.GetFileName(folder).StartsWith('.') && File.Exists(Path.Combine(folder, PluginManifestReader.FileName)))
                .Order(StringComparer.Ordinal)];

    /// <summary>The operator's policy: of the file given, else of <c>policy.yaml</c> in the directory, else the default.</summary>
    /// <returns>The policy; null when there is one that cannot be used, with the reasons.</returns>
    public static (PluginPolicy? Policy, IReadOnlyList<Diagnostic> Findings) Policy(string directory, string? file)
    {
        var path = file ?? Path.Combine(directory, PluginPolicy.FileName);
        if (file is null && !File.Exists(path))
        {
            return (PluginPolicy.Default, []);
        }

        var findings = new Findings(Path.GetFileName(path));
        try
        {
            return (PluginPolicy.Read(File.ReadAllText(path), findings), findings.All);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, [new(DiagnosticCodes.Unreadable, Severity.Error, null, "", failure.Message.TrimEnd('.'), "Make the policy file readable", new SourceLocation(Path.GetFileName(path)))]);
        }
    }
}
