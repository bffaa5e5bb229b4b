using System.CommandLine;
using OsmExt.Cli.Plugins.Scaffold;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin new</c>: a plugin to begin with.</summary>
internal static class PluginNewCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The plugin's id: lower-case letters, digits and dashes." };
        var output = new Option<string?>("--output", "-o") { Description = "The folder to make. Default: NAME, here.", HelpName = "DIR" };
        var templateOnly = new Option<bool>("--template-only") { Description = "Without code: a manifest, a schema and a template. Default: with code too, a C# project that is built with the OsmExt.Sdk.dll beside osm." };
        name.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } id && !PluginScaffold.IsName(id))
            {
                result.AddError($"\"{id}\" is no id of a plugin; use lower-case letters, digits and dashes, up to 63 of them");
            }
        });
        var command = new Command("new",
            "Make a folder with a plugin that can be loaded, tested and run as it is: it sets a response header. Exit code 0; 2 when the folder is there already.")
        {
            name, output, templateOnly,
        };
        command.SetAction(parsed =>
        {
            var id = parsed.GetRequiredValue(name);
            var folder = parsed.GetValue(output) ?? id;
            var withCode = !parsed.GetValue(templateOnly);
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            {
                Console.Error.WriteLine($"osm: {folder} is there already; choose another with --output, or remove it");
                return ExitCode.UnusableInput;
            }

            foreach (var path in PluginScaffold.Write(id, folder, withCode))
            {
                Console.Out.WriteLine(Path.Combine(folder, path));
            }

            Console.Out.WriteLine(withCode
                ? $"Next: dotnet build {folder} && osm plugin test {Path.Combine(folder, "bin", "plugin")} --cases {Path.Combine(folder, "cases")}"
                : $"Next: osm plugin test {folder}");
            return ExitCode.Ok;
        });
        return command;
    }
}
