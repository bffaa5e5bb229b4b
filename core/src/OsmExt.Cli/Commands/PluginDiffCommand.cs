using System.CommandLine;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin diff</c>: what installing plugins changes, before they are installed.</summary>
internal static class PluginDiffCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "The folder of the plugin to install, or a directory of several." };
        var (output, requests) = (DiffCommand.Output(), DiffCommand.Requests());
        var command = new Command("diff",
            "Print what installing plugins would change for each proxy, beside the plugins of --plugins or in the place of those of the same id: resources that come, go or "
            + "change, with the fields that differ, and requests that would be decided otherwise. The metadata that comes names plugin and object. Exit code 0 when no "
            + "proxy is sent anything else, 1 when one is, 2 when the plugins or the manifests cannot be used.")
        {
            directory, output, requests,
        };
        mesh.AddTo(command);
        command.SetAction(parsed =>
        {
            var installed = mesh.LoadPlugins(parsed);
            var added = mesh.LoadPlugins(parsed, parsed.GetRequiredValue(directory));
            var errors = added.Diagnostics.Where(finding => finding.Severity == Severity.Error).Select(finding => $"{finding}").ToArray();
            if (errors.Length > 0 || added.Plugins.Count == 0)
            {
                Console.Error.WriteLine(errors.Length > 0 ? string.Join('\n', errors.Select(error => $"osm: {error}")) : $"osm: there is no plugin.yaml in {parsed.GetRequiredValue(directory)}");
                return ExitCode.UnusableInput;
            }

            var (config, options, both) = (parsed.GetRequiredValue(mesh.Config), mesh.Compiler(parsed), installed.With(added));
            return DiffCommand.Run(DiffCommand.Compile(config, options, installed), DiffCommand.Compile(config, options, both),
                parsed.GetRequiredValue(output) == "json", parsed.GetValue(requests));
        });
        return command;
    }
}
