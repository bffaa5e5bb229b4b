using System.CommandLine;
using OsmExt.Cli.Plugins;
using OsmExt.PluginHost.Loading;

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
        var key = new Option<string?>("--sign-key") { Description = "File with the private key to sign it with, as osm plugin sign does. Default: the signature in the folder, if there is one.", HelpName = "FILE" };
        var command = new Command("pack",
            "Pack a plugin that can be used into an archive, which is the same to the byte whenever the files are, and print its digest, which a policy file may pin. "
            + "Cases, tests and README.md are left out. Exit code 0: packed; 2: it cannot be used.")
        {
            directory, output, key, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(directory));
            if (OnePlugin.Load(mesh, parsed, folder) is not var (plugin, files))
            {
                return ExitCode.UnusableInput;
            }

            var signature = files.Signature;
            if (parsed.GetValue(key) is { } signer && (signature = OnePlugin.Sign(signer, files.Digest)) is null)
            {
                return ExitCode.UnusableInput;
            }

            var file = parsed.GetValue(output) ?? $"{plugin.Id}-{plugin.Manifest.Version}.tar.gz";
            using (var stream = File.Create(file))
            {
                PluginArchive.Write(files, plugin.Id, signature, stream);
            }

            Console.Out.WriteLine($"{file}  {files.Digest}");
            return ExitCode.Ok;
        });
        return command;
    }
}
