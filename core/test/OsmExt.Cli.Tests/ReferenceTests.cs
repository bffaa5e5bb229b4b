using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using OsmExt.Cli.Commands;

namespace OsmExt.Cli.Tests;

/// <summary>The reference in core/docs/cli.md says what the program says. <c>OSM_ACCEPT_SNAPSHOTS=1</c> writes it anew.</summary>
public class ReferenceTests
{
    private const string Begin = "<!-- Below: generated from the program; OSM_ACCEPT_SNAPSHOTS=1 with the tests of OsmExt.Cli writes it anew. -->\n";

    [Fact]
    public void Every_command_and_option_is_in_the_reference()
    {
        var file = Path.Join(Root(), "core", "docs", "cli.md");
        var text = File.ReadAllText(file);
        var at = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var reference = Reference(OsmCommand.Create());
        if (Environment.GetEnvironmentVariable("OSM_ACCEPT_SNAPSHOTS") == "1")
        {
            File.WriteAllText(file, text[..at] + reference);
            return;
        }

        Assert.Equal(reference, text[at..], ignoreLineEndingDifferences: true);
    }

    private static string Reference(Command root)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        foreach (var command in root.Subcommands)
        {
            Write(text, command, "osm");
        }

        return text.ToString();
    }

    private static void Write(StringWriter text, Command command, string path)
    {
        var name = $"{path} {command.Name}";
        text.WriteLine($"\n## {name}\n\n{Escape(command.Description!)}");
        if (command.Aliases.Count > 0)
        {
            text.WriteLine($"Also: {string.Join(", ", command.Aliases.Select(alias => $"`{path} {alias}`"))}.");
        }

        Option[] options = [.. command.Options.Where(option => option is not (HelpOption or VersionOption))];
        if (command.Subcommands.Count == 0)
        {
            text.WriteLine($"\n```\n{name}{string.Concat(command.Arguments.Select(Usage))}{(options.Length > 0 ? " [OPTIONS]" : "")}\n```");
        }

        var rows = command.Arguments.Select(argument => ($"`{argument.Name}`", argument.Description!, ""))
            .Concat(options.Select(option => (string.Join(", ", option.Aliases.Prepend(option.Name).Select(word => $"`{word}`")) + (option.HelpName is { } help ? $" `{help}`" : ""), option.Description!, Default(option)))).ToArray();
        if (rows.Length > 0)
        {
            text.WriteLine("\n| | | default |\n| --- | --- | --- |");
            foreach (var (what, description, fallback) in rows)
            {
                text.WriteLine($"| {Escape(what)} | {Escape(description)} | {Escape(fallback)} |");
            }
        }

        foreach (var child in command.Subcommands)
        {
            Write(text, child, name);
        }
    }

    private static string Usage(Argument argument) => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : argument.Arity.MaximumNumberOfValues > 1 ? $" {argument.Name}..." : $" {argument.Name}";

    private static string Default(Option option) => option.Required ? "required" : option.HasDefaultValue && option.GetDefaultValue() is { } value
        ? value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture)! : "";

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Join(directory, "OsmExt.sln")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory;
    }
}
