using System.CommandLine;
using OsmExt.Cli.Plugins;
using OsmExt.PluginHost.Loading;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin sign</c>: says that these files are the publisher's.</summary>
internal static class PluginSignCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "The plugin's folder. Default: this one.", DefaultValueFactory = _ => "." };
        var key = new Option<string>("--key") { Description = "File with the private key, EC on P-256 in PEM, without a password.", Required = true, HelpName = "FILE" };
        var command = new Command("sign",
            $"Sign a plugin that can be used: write {PluginSignature.FileName} into its folder, the signature of its digest, which a policy file may require. "
            + "Exit code 0: signed; 2: the plugin or the key cannot be used.")
        {
            directory, key, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(directory));
            if (OnePlugin.Load(mesh, parsed, folder) is not { } plugin || OnePlugin.Sign(parsed.GetRequiredValue(key), plugin.Files.Digest) is not { } signature)
            {
                return ExitCode.UnusableInput;
            }

            var file = Path.Combine(folder, PluginSignature.FileName);
            File.WriteAllText(file, signature);
            Console.Out.WriteLine($"{file}  {plugin.Files.Digest}");
            return ExitCode.Ok;
        });
        return command;
    }
}
