using OsmExt.PluginHost.Schemas;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Manifests;

/// <summary>Reads the commands of a manifest.</summary>
internal static class CommandReader
{
    // The program's own, which mean the same for every command.
    private static readonly string[] Taken = ["config", "plugins", "plugin-policy", "mesh-name", "osm-namespace", "trust-domain", "help"];

    public static CommandDeclaration Read(FieldReader fields)
    {
        var command = new CommandDeclaration(
            fields.Text("name", SlotReader.Name(), "Use lower-case letters, digits and dashes", required: "Name the command") ?? "",
            fields.Text("type", required: $"Name the class that implements {nameof(IPluginCommand)}, with its namespace") ?? "",
            fields.Text("description", required: "Say what it is for, and what its exit codes mean") ?? "")
        {
            Options = fields.Objects("options").Select(Option).ToEquatableArray(),
        };
        foreach (var name in command.Options.GroupBy(option => option.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            fields.Report("options", $"Two options are called {YamlScalar.Quote(name)}", "Give each a name of its own");
        }

        fields.Done();
        return command;
    }

    public static void CheckTogether(FieldReader fields, PluginManifest manifest)
    {
        foreach (var name in manifest.Commands.GroupBy(command => command.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            fields.Report("commands", $"Two commands are called {YamlScalar.Quote(name)}", "Give each a name of its own");
        }

        if (!manifest.Commands.IsEmpty && manifest.Assembly.Length == 0)
        {
            fields.Report("commands", "There is no code that could run", "Name the assembly, or remove commands");
        }
    }

    private static CommandOption Option(FieldReader fields)
    {
        var name = fields.Text("name", SlotReader.Name(), "Use lower-case letters, digits and dashes", required: "Name the option") ?? "";
        var option = new CommandOption(name, fields.Text("description", required: "Say what it is for") ?? "")
        {
            Type = fields.Word("type", ConfigType.String),
            Enum = fields.Texts("enum").ToEquatableArray(),
            Default = fields.Node("default") is { } fallback ? ConfigValue.Of(YamlJson.Of(fallback)) : null,
            IsRequired = fields.Flag("required", false),
        };
        if (Taken.Contains(name, StringComparer.Ordinal))
        {
            fields.Report("name", $"--{name} is the program's own", "Give it another name");
        }

        if (option.Type is not (ConfigType.String or ConfigType.Integer or ConfigType.Boolean) || (option.Type != ConfigType.String && !option.Enum.IsEmpty))
        {
            fields.Report("type", "An option is a string, which may have an enum, an integer or a boolean", "Use one of these");
        }
        else if (option.Default is { } value && (option.IsRequired || option.Type == ConfigType.Boolean || new SpecCheck(new(option.Type) { Enum = option.Enum }).Of(YamlJson.Of(fields.Node("default")!)).Problems.Count > 0))
        {
            fields.Report("default", $"{value} cannot count when --{name} is not given", "Use a value that may be given; what is required, and flags, have none");
        }

        fields.Done();
        return option;
    }
}
