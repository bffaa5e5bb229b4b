using System.CommandLine;
using System.CommandLine.Help;
using System.Text.Json.Nodes;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Cli.Plugins;

/// <summary>A command that a plugin's manifest declares, as one of the program's own: its options are read, checked and explained like theirs.</summary>
internal sealed class DeclaredCommand
{
    private readonly List<(CommandOption Declared, Option Option)> _options;
    private readonly string[] _path;
    private readonly Command _program;

    public DeclaredCommand(LoadedPlugin plugin, CommandDeclaration declaration)
    {
        var command = new Command(declaration.Name, declaration.Description);
        _options = [.. declaration.Options.Select(option => (option, Of(option)))];
        _options.ForEach(option => command.Options.Add(option.Option));
        command.Options.Add(new HelpOption());
        // Its usage begins with all that has to be typed.
        _path = ["plugin", "run", plugin.Id, declaration.Name];
        _program = _path[..^1].Reverse().Append("osm").Aggregate(command, static (inner, name) => new Command(name) { inner });
    }

    public ParseResult Parse(string[] arguments) => _program.Parse([.. _path, .. arguments]);

    /// <summary>The values, as the command is given them.</summary>
    public ConfigValue Values(ParseResult parsed)
    {
        var values = new JsonObject();
        foreach (var (declared, option) in _options)
        {
            JsonNode? value = option switch
            {
                Option<bool> flag => parsed.GetValue(flag),
                Option<long?> number => parsed.GetValue(number),
                Option<string?> text => parsed.GetValue(text),
                _ => null,
            };
            if (value is not null)
            {
                values[declared.Name] = value;
            }
        }

        return ConfigValue.Of(values);
    }

    private static Option Of(CommandOption declared)
    {
        Option option;
        switch (declared.Type)
        {
            case ConfigType.Boolean:
                option = new Option<bool>($"--{declared.Name}");
                break;
            case ConfigType.Integer:
                var number = new Option<long?>($"--{declared.Name}") { HelpName = "NUMBER" };
                number.DefaultValueFactory = declared.Default is { } most ? _ => most.As<long>() : null;
                option = number;
                break;
            default:
                var text = new Option<string?>($"--{declared.Name}") { HelpName = declared.Enum.IsEmpty ? "TEXT" : null };
                text.DefaultValueFactory = declared.Default is { } fallback ? _ => fallback.As<string>() : null;
                if (!declared.Enum.IsEmpty)
                {
                    text.AcceptOnlyFromAmong([.. declared.Enum]);
                }

                option = text;
                break;
        }

        option.Description = declared.Description;
        option.Required = declared.IsRequired;
        return option;
    }
}
