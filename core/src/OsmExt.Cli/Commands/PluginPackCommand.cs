using System.CommandLine;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin pack</c>: a plugin as one file.</summary>
internal static class PluginPackCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "The plugin's folder. Default: this one.", DefaultValueFactory = _ => "." };
        var output = new Option<string?>("--output", "-o") { Description = "The file to write. Default: ID-VERSION.tar.gz here.", HelpName = "FILE" };
        var command = new Command("pack",
            "Pack a plugin that can be used into an archive, which is the same to the byte whenever the files are, and print its digest, which a policy file may pin. "
            + "Cases, tests and README.md are left out. Exit code 0: packed; 2: it cannot be used.")
        {
            directory, output, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(directory));
            var set = mesh.LoadPlugins(parsed, folder);
            if (set.Loads is not [{ Plugin: { } plugin }] || PluginDirectory.Folders(folder) is not [var only] || only != folder)
            {
                foreach (var finding in set.Diagnostics.Where(finding => finding.Severity == Severity.Error))
                {
                    Console.Out.WriteLine(finding);
                }

                Console.Error.WriteLine($"osm: {folder} is no plugin that can be used; osm plugin validate says why");
                return ExitCode.UnusableInput;
            }

            var files = PluginFiles.Read(folder);
            var file = parsed.GetValue(output) ?? $"{plugin.Id}-{plugin.Manifest.Version}.tar.gz";
            using (var stream = File.Create(file))
            {
                PluginArchive.Write(files, plugin.Id, stream);
            }

            Console.Out.WriteLine($"{file}  {files.Digest}");
            return ExitCode.Ok;
        });
        return command;
    }
}
