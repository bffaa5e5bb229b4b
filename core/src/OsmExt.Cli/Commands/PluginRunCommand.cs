using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OsmExt.Cli.Plugins;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin run</c>: commands of plugins.</summary>
internal static class PluginRunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        mesh.Config.Required = false;
        mesh.Config.Description = "Manifests that the command looks at. May be given several times. Default: none.";
        var plugin = new Argument<string>("PLUGIN") { Description = "The plugin's folder, or its id when --plugins names a directory that holds it." };
        var words = new Argument<string[]>("COMMAND") { Description = "The command and its options. Without one the plugin's commands are listed.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("run",
            "Run a command of a plugin on manifests. With --help after COMMAND it is explained; osm plugin list says which there are. The exit code is the command's; 2 when "
            + "there is no such command or its options cannot be used, 1 when it fails.")
        {
            plugin, words,
        };
        mesh.AddTo(command);
        var help = new HelpOption();
        var ordinary = (SynchronousCommandLineAction)help.Action!;
        help.Action = new HelpOfCommand(parsed => parsed.GetValue(words) is { Length: > 0 } given && parsed.GetValue(plugin) is { } name
            ? Run(parsed, mesh, name, [given[0], "--help"], CancellationToken.None) : ordinary.Invoke(parsed));
        command.Options.Add(help);
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, mesh, parsed.GetRequiredValue(plugin), parsed.GetValue(words) ?? [], cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, MeshOptions mesh, string name, string[] words, CancellationToken cancellation)
    {
        var isFolder = File.Exists(Path.Combine(name, PluginManifestReader.FileName));
        var set = isFolder ? mesh.LoadPlugins(parsed, Path.GetFullPath(name)) : mesh.LoadPlugins(parsed);
        if ((isFolder ? set.Plugins is [var only] ? only : null : set.Find(name)) is not { } plugin)
        {
            var reasons = set.Diagnostics.Where(finding => finding.Severity == Severity.Error).Select(finding => $"osm: {finding}\n");
            return Unusable($"{string.Concat(reasons)}osm: there is no plugin {name} that can be used; name a folder with a {PluginManifestReader.FileName}, or an id of a plugin in --plugins");
        }

        var declaration = plugin.Manifest.Commands.FirstOrDefault(command => words.Length > 0 && string.Equals(command.Name, words[0], StringComparison.Ordinal));
        if (declaration is null)
        {
            var list = PluginListing.Commands(plugin);
            var known = list.Length > 0 ? $"; it has:\n{list}" : "; it has none";
            return words.Length > 0 ? Unusable($"osm: plugin {plugin.Id} has no command {words[0]}{known.TrimEnd('\n')}") : List(list.Length > 0 ? list : $"Plugin {plugin.Id} has no commands.\n");
        }

        var command = new DeclaredCommand(plugin, declaration);
        var given = command.Parse(words[1..]);
        if (given.Action is HelpAction)
        {
            return given.Invoke();
        }

        if (given.Errors.Count > 0)
        {
            return Unusable(string.Join('\n', given.Errors.Select(error => $"osm: {error.Message}")));
        }

        var snapshot = Manifests.Load(parsed.GetValue(mesh.Config) ?? [], set);
        var unread = snapshot.Diagnostics.FirstOrDefault(finding => finding is { Code: DiagnosticCodes.Unreadable, Severity: Severity.Error });
        if (unread is not null)
        {
            return Unusable($"osm: {unread}");
        }

        var (code, failure) = CommandRun.Run(set, plugin, declaration, command.Values(given), snapshot, mesh.Compiler(parsed), new(Console.Out, Console.Error), cancellation);
        if (failure is not null)
        {
            Console.Error.WriteLine($"osm: {declaration.Name} of plugin {plugin.Id} failed: {failure}");
        }

        return code;
    }

    private static int List(string text)
    {
        Console.Out.Write(text);
        return ExitCode.Ok;
    }

    private static int Unusable(string text)
    {
        Console.Error.WriteLine(text);
        return ExitCode.UnusableInput;
    }

    private sealed class HelpOfCommand(Func<ParseResult, int> explain) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult) => explain(parseResult);
    }
}
