using System.CommandLine;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Manifests;
using OsmExt.Testing.Plugins;
using OsmExt.Testing.Snapshots;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin test</c>: a plugin's cases, and what every plugin must keep to.</summary>
internal static class PluginTestCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "A plugin's folder, or a directory of plugins. Default: this one.", DefaultValueFactory = _ => "." };
        var cases = new Option<string?>("--cases") { Description = "Folder of the cases, each a folder with an in.yaml. Default: cases or test/cases in the plugin's folder.", HelpName = "DIR" };
        var junit = new Option<string?>("--junit") { Description = "Also write the results to this file, as JUnit does. Default: no file.", HelpName = "FILE" };
        var command = new Command("test",
            "Test a plugin without running anything: its cases against accepted snapshots, and what every plugin must keep to, tried with the meshes of the cases. "
            + $"{Snapshot.AcceptVariable}=1 accepts what the cases give now. Exit code 0: all passed; 1: some failed; 2: there is no plugin.")
        {
            directory, cases, junit, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(directory);
            if (Folders(path) is not { Count: > 0 } folders)
            {
                Console.Error.WriteLine($"osm: there is no {PluginManifestReader.FileName} in {path} or in its folders; osm plugin new makes one");
                return ExitCode.UnusableInput;
            }

            var beside = Path.Combine(path, PluginPolicy.FileName);
            var policy = parsed.GetValue(mesh.PluginPolicy) ?? (File.Exists(beside) ? beside : null);
            var results = folders.SelectMany(folder => PluginSuite.Run(folder, policy, parsed.GetValue(cases))).ToArray();
            foreach (var result in results)
            {
                Console.Out.WriteLine(result.Failure is null ? $"ok     {result.Plugin}: {result.Name}" : $"FAILED {result.Plugin}: {result.Name}\n{Indented(result.Failure)}");
            }

            var failed = results.Count(result => result.Failure is not null);
            Console.Out.WriteLine($"{results.Length - failed} passed, {failed} failed");
            if (parsed.GetValue(junit) is { } file)
            {
                JUnitReport.Of("osm plugin test", [.. results.Select(result => (result.Plugin, result.Name, result.Failure))]).Save(file);
            }

            return failed == 0 ? ExitCode.Ok : ExitCode.Denied;
        });
        return command;
    }

    private static IReadOnlyList<string> Folders(string path) => Directory.Exists(path) ? PluginDirectory.Folders(path) : [];

    private static string Indented(string text) => string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => $"       {line}"));
}
