using System.CommandLine;
using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin schema</c>: what the objects of plugins' kinds may look like.</summary>
internal static class PluginSchemaCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var directory = new Argument<string>("DIR") { Description = "A plugin's folder, or a directory of plugins." };
        var kind = new Option<string?>("--kind") { Description = "Print this kind only. Default: all kinds of the plugins.", HelpName = "KIND" };
        var command = new Command("schema",
            "Print what the spec of each kind may look like, in the words of OpenAPI: what a schema file says, or what was made of a C# type. "
            + "Exit code 0; 2 when there is no such kind, or some plugin cannot be used.")
        {
            directory, kind, mesh.PluginPolicy,
        };
        command.SetAction(parsed =>
        {
            var set = mesh.LoadPlugins(parsed, parsed.GetRequiredValue(directory));
            var errors = set.Diagnostics.Where(finding => finding.Severity == Severity.Error).ToArray();
            foreach (var error in errors)
            {
                Console.Error.WriteLine($"osm: {error}");
            }

            var kinds = set.Plugins.SelectMany(plugin => plugin.Manifest.Resources).Where(item => parsed.GetValue(kind) is not { } only || string.Equals(only, item.Kind, StringComparison.Ordinal)).ToArray();
            if (kinds.Length == 0 && errors.Length == 0)
            {
                Console.Error.WriteLine("osm: no plugin here has such a kind; osm plugin list says which there are");
            }

            Console.Out.Write(string.Join("---\n", kinds.SelectMany(Texts)));
            return kinds.Length == 0 || errors.Length > 0 ? ExitCode.UnusableInput : ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<string> Texts(PluginKind kind) => kind.Conversions.Select(other => (Versions: (IEnumerable<string>)[other.Version], other.Schema, other.Type))
        .Prepend((Versions: kind.Versions.Except(kind.Conversions.Select(other => other.Version)), kind.Schema, kind.Type))
        .Select(shape => $"# {kind.Kind}, {string.Join(" and ", shape.Versions.Select(version => $"{kind.Group}/{version}"))}: spec"
            + $"{(shape.Type.Length > 0 ? $", made of {shape.Type}" : "")}\n{SchemaText.Of(shape.Schema)}");
}
