using System.CommandLine;
using System.Text.Json;
using OsmExt.Cli.Comparison;
using OsmExt.Compiler;
using OsmExt.Compiler.Comparison;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;

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
        var (output, requests) = (Output(), Requests());
        var command = new Command("diff",
            "Print what would change for each proxy if the manifests of --with took the place of those of --config: resources that come, go or "
            + "change, with the fields that differ, findings that come or go, and requests that would be decided otherwise. Exit code 0 when no proxy "
            + "is sent anything else and no request is decided otherwise, 1 when one is, 2 when either input cannot be used.")
        {
            with, withPlugins, output, requests,
        };
        mesh.AddTo(command);
        command.SetAction(parsed => Run(
            Compile(parsed.GetRequiredValue(mesh.Config), mesh.Compiler(parsed), mesh.LoadPlugins(parsed)),
            Compile(parsed.GetRequiredValue(with), mesh.Compiler(parsed), mesh.LoadPlugins(parsed, parsed.GetValue(withPlugins))),
            parsed.GetRequiredValue(output) == "json",
            parsed.GetValue(requests)));
        return command;
    }

    internal static Option<string> Output()
    {
        var output = new Option<string>("--output", "-o") { Description = "How to print.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        return output;
    }

    internal static Option<int> Requests() => new("--requests")
    {
        Description = "At most how many generated requests to decide in both meshes, to list those that come out differently; 0 for none.",
        DefaultValueFactory = _ => 5000, HelpName = "N",
    };

    internal static int Run(Side before, Side after, bool json, int requests)
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
        var verdicts = VerdictsDifference.Between(new(before.Snapshot, before.Mesh), new(after.Snapshot, after.Mesh), requests);
        Console.Out.Write(json
            ? DifferenceDocument.Of(difference, findings, verdicts).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"
            : DifferenceText.Of(difference, findings, verdicts));
        return difference.Proxies.Count == 0 && verdicts.Changes.IsEmpty ? ExitCode.Ok : ExitCode.Differs;
    }

    internal static Side Compile(string[] paths, CompilerOptions options, PluginSet plugins)
    {
        var snapshot = Manifests.Load(paths, plugins);
        return new(snapshot, OfflineMesh.Compile(snapshot, options, plugins.Contribute), Manifests.IsUsable(snapshot));
    }

    internal sealed record Side(ResourceSnapshot Snapshot, OfflineMesh Mesh, bool IsUsable);
}
