using OsmExt.Compiler;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Services;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Running;

/// <summary>Runs a command of a plugin on manifests. It may take its time: whoever has called it can interrupt it.</summary>
internal static class CommandRun
{
    /// <returns>The command's exit code; or why there is none.</returns>
    public static (int ExitCode, string? Failure) Run(
        PluginSet set, LoadedPlugin plugin, CommandDeclaration command, ConfigValue given, ResourceSnapshot snapshot, CompilerOptions options, CommandStreams streams, CancellationToken cancellation)
    {
        var mesh = OfflineMesh.Compile(snapshot, options, set.Contribute);
        var input = new KindVersions(plugin, TimeProvider.System).InFirst(MeshObjects.InputOf(plugin.Manifest, mesh.Mesh, snapshot, options, static _ => { }), static (_, _) => { });
        var findings = mesh.Diagnostics.Where(finding => plugin.Manifest.Resources.Any(kind => string.Equals(kind.Kind, finding.Object?.Kind, StringComparison.Ordinal))).ToEquatableArray();
        try
        {
            var code = ((IPluginCommand)Activator.CreateInstance(plugin.Code!.Find(command.Type)!)!)
                .Run(new(input with { Cancellation = cancellation }, given) { Findings = findings }, streams.Output, streams.Errors);
            return code is >= 0 and <= 255 ? (code, null) : (1, $"{code} is no exit code");
        }
        catch (Exception failure)
        {
            return (1, Words.Of(failure));
        }
    }
}

/// <summary>Where a command writes.</summary>
internal sealed record CommandStreams(TextWriter Output, TextWriter Errors);
