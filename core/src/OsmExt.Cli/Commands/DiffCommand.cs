using System.CommandLine;
using System.Text.Json;
using OsmExt.Cli.Comparison;
using OsmExt.Compiler;
using OsmExt.Compiler.Comparison;
using OsmExt.PluginHost;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm diff</c>: what every proxy would be sent differently if other manifests were in force.</summary>
internal static class DiffCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var with = new Option<string[]>("--with")
        {
            Description = "Directory or file of the manifests to compare with. May be given several times.", Required = true, HelpName = "DIR",
        };
        var withPlugins = new Option<string?>("--with-plugins")
        {
            Description = "Directory of the plugins to compare with. Default: those of --plugins.", HelpName = "DIR",
        };
        var output = new Option<string>("--output", "-o") { Description = "How to print.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("diff",
            "Print what would change for each proxy if the manifests of --with took the place of those of --config: resources that come, go or "
            + "change, with the fields that differ, and findings that come or go. Exit code 0 when no proxy is sent anything else, 1 when one is, "
            + "2 when either input cannot be used.")
        {
            with, withPlugins, output,
        };
        mesh.AddTo(command);
        command.SetAction(parsed => Run(
            Compile(parsed.GetRequiredValue(mesh.Config), mesh.Compiler(parsed), mesh.LoadPlugins(parsed)),
            Compile(parsed.GetRequiredValue(with), mesh.Compiler(parsed), mesh.LoadPlugins(parsed, parsed.GetValue(withPlugins))),
            parsed.GetRequiredValue(output) == "json"));
        return command;
    }

    // Both meshes are at hand here, so whatever else is to be compared about them has its place beside the configuration.
    private static int Run(Side before, Side after, bool json)
    {
        if (!before.IsUsable || !after.IsUsable)
        {
            foreach (var finding in (before.IsUsable ? [] : before.Mesh.Diagnostics).Concat(after.IsUsable ? [] : after.Mesh.Diagnostics))
            {
                Console.Error.WriteLine($"osm: {finding}");
            }

            Console.Error.WriteLine($"osm: there is nothing to compare: the manifests of {(before.IsUsable ? "--with" : "--config")} cannot be used");
            return ExitCode.UnusableInput;
        }

        var (old, now) = (MeshDocument.Of(before.Mesh, before.Mesh.Proxies.All), MeshDocument.Of(after.Mesh, after.Mesh.Proxies.All));
        var difference = MeshDifference.Between(old, now);
        var findings = FindingsDifference.Between(old, now);
        Console.Out.Write(json
            ? DifferenceDocument.Of(difference, findings).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"
            : DifferenceText.Of(difference, findings));
        return difference.Proxies.Count == 0 ? ExitCode.Ok : ExitCode.Differs;
    }

    private static Side Compile(string[] paths, CompilerOptions options, PluginSet plugins)
    {
        var snapshot = Manifests.Load(paths, plugins);
        return new(OfflineMesh.Compile(snapshot, options, plugins.Contribute), Manifests.IsUsable(snapshot));
    }

    private sealed record Side(OfflineMesh Mesh, bool IsUsable);
}
