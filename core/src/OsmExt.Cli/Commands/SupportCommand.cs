using System.CommandLine;
using System.Text.Json.Nodes;
using OsmExt.Cli.Support;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm support</c>: for those who look for what is wrong.</summary>
internal static class SupportCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("support", "For those who look for what is wrong.") { ErrorInfo(), BugReportCommand.Create() };

    private static Command ErrorInfo()
    {
        var code = new Argument<string?>("CODE") { Description = "A code such as OSM2001. Default: all codes.", Arity = ArgumentArity.ZeroOrOne };
        var output = new OutputOption();
        var command = new Command("error-info", "Explain the codes of diagnostics, and say what to do. Exit code 2 when there is no such code.") { code };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            var asked = parsed.GetValue(code)?.ToUpperInvariant();
            var found = DiagnosticTexts.All.Where(text => asked is null || text.Code == asked).ToArray();
            if (found.Length == 0)
            {
                var closest = Suggestion.Closest(asked!, DiagnosticTexts.All.Select(text => text.Code));
                Console.Error.WriteLine($"osm: there is no code {asked}{(closest is null ? "; codes are OSM and four digits" : $"; did you mean {closest}?")}");
                return ExitCode.UnusableInput;
            }

            JsonObject[] rows = [.. found.Select(text => new JsonObject { ["code"] = text.Code, ["meaning"] = text.Meaning, ["remedy"] = text.Remedy })];
            Console.Out.Write(output.Format(parsed, new JsonArray([.. rows]), () => string.Concat(found.Select(text => $"{text.Code}  {text.Meaning}\n         {text.Remedy}\n"))));
            return ExitCode.Ok;
        });
        return command;
    }
}
