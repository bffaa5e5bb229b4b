using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Cli.Plugins;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin</c>: plugins, with and without a running mesh.</summary>
internal static class PluginCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("plugin", "Look at plugins: folders with a plugin.yaml that contribute to proxies' configuration.")
    {
        PluginNewCommand.Create(), Validate(), PluginTestCommand.Create(), PluginDiffCommand.Create(), List(), PluginSchemaCommand.Create(), CrdsCommand.CreateForPlugins(), PluginSignCommand.Create(), PluginPackCommand.Create(), PluginStatusCommand.Create(), PluginRunCommand.Create(),
    };

    private static Command Validate()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "A plugin's folder, or a directory of plugins." };
        var config = new Option<string[]>("--config")
        {
            Description = "Manifests whose objects the templates are rendered with, to check what they give. May be given several times. Default: only the plugins' own files are checked.",
            HelpName = "DIR",
        };
        var command = new Command("validate",
            "Check plugins as they are checked when they are loaded: manifest, schema, templates, code and what the operator grants. Exit code 0: they can be used; 2: some cannot.")
        {
            directory, config, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var set = mesh.LoadPlugins(parsed, parsed.GetRequiredValue(directory));
            var findings = new SortedSet<Diagnostic>(set.Diagnostics);
            if (parsed.GetValue(config) is { Length: > 0 } paths)
            {
                findings.UnionWith(Rendered(set, paths));
            }

            foreach (var finding in findings)
            {
                Console.Out.WriteLine(finding);
            }

            var bad = findings.Any(finding => finding.Severity == Severity.Error) || set.Loads.Count == 0;
            Console.Out.WriteLine(set.Loads.Count == 0 ? "There is no plugin.yaml here" : $"{set.Plugins.Count(plugin => !findings.Any(finding => IsOf(finding, plugin)))} of {set.Loads.Count} plugins can be used");
            return bad ? ExitCode.UnusableInput : ExitCode.Ok;
        });
        return command;
    }

    // What fails with the objects given cannot be used as it is, even if it could be loaded.
    private static bool IsOf(Diagnostic finding, LoadedPlugin plugin) => finding is { Severity: Severity.Error, Object: { } key }
        && (key == PlacedContribution.PluginKey(plugin.Id) || plugin.Manifest.Resources.Any(kind => kind.Kind == key.Kind));

    private static Command List()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "A directory of plugins." };
        var output = new Option<string>("--output", "-o") { Description = "How to print.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("list", "List the plugins of a directory, with the digests that a policy file may pin, and why some cannot be used. Exit code 0; 2 when some cannot.")
        {
            directory, output, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var set = mesh.LoadPlugins(parsed, parsed.GetRequiredValue(directory));
            Console.Out.Write(parsed.GetRequiredValue(output) == "json"
                ? new JsonObject { ["plugins"] = PluginListing.Json(set), ["diagnostics"] = MeshDocument.Of(set.Diagnostics) }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"
                : PluginListing.Text(set));
            return set.Diagnostics.Any(finding => finding.Severity == Severity.Error) ? ExitCode.UnusableInput : ExitCode.Ok;
        });
        return command;
    }

    // Only what plugins say: the mesh's own findings are osm translate's business.
    private static IEnumerable<Diagnostic> Rendered(PluginSet set, string[] paths)
    {
        var snapshot = Manifests.Load(paths, set);
        var mesh = OfflineMesh.Compile(snapshot, new CompilerOptions(), set.Contribute);
        return snapshot.Diagnostics.Concat(mesh.Diagnostics).Concat(mesh.Proxies.All.SelectMany(proxy => mesh.Translate(proxy).Diagnostics))
            .Where(finding => finding.Code.StartsWith("OSM4", StringComparison.Ordinal) || set.Kinds.Any(kind => kind.Kind == finding.Object?.Kind));
    }
}
