using System.CommandLine;
using OsmExt.Cli.Commands;

namespace OsmExt.Cli.Tests;

/// <summary>What the program says about itself, and to those who mistype.</summary>
public class HelpTests
{
    public static TheoryData<string> Commands => [.. All(OsmCommand.Create(), "").Select(entry => entry.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_explains_itself_and_all_its_options(string path)
    {
        var command = All(OsmCommand.Create(), "").Single(entry => entry.Path == path).Command;
        var run = await Osm.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.EndsWith(".", command.Description, StringComparison.Ordinal);
        Assert.Contains(command.Description!, run.Output, StringComparison.Ordinal);
        foreach (var option in command.Options.Where(option => option is not (VersionOption or System.CommandLine.Help.HelpOption)))
        {
            Assert.EndsWith(".", option.Description, StringComparison.Ordinal);
            Assert.Contains(option.Name, run.Output, StringComparison.Ordinal);
            Assert.Contains(option.Description!, run.Output, StringComparison.Ordinal);

            // Whoever need not give it has to learn what is taken instead.
            var line = run.Output.Split('\n').Single(line => line.Contains(option.Description!, StringComparison.Ordinal));
            Assert.True(
                line.Contains("(REQUIRED)", StringComparison.Ordinal) || line.Contains("[default: ", StringComparison.Ordinal)
                    || line.Contains("Default: ", StringComparison.Ordinal),
                $"{path} {option.Name} does not say its default");
        }

        foreach (var child in command.Subcommands)
        {
            // Its other names stand beside it.
            Assert.Matches($"(?m)^  ([a-z-]+, )*{child.Name}[ ,]", run.Output);
        }
    }

    [Theory]
    [InlineData("translate --confg x", "--config")]
    [InlineData("transalte", "translate")]
    [InlineData("translate --config x -o xml", "'json'")]
    [InlineData("translate", "'--config' is required")]
    [InlineData("translate --config x --envoy newest", "1.40.0")]
    [InlineData("translate --config x --trust-domain Not_One", "cluster.local")]
    [InlineData("bootstrap --config x --proxy a/b --control-plane nowhere", "HOST:PORT")]
    [InlineData("run --config x --xds-address 1.2.3.4", "ADDRESS:PORT")]
    [InlineData("run --config x --verbosity loud", "Information")]
    [InlineData("run --config x --certificate-key dsa", "'ecdsa'")]
    public async Task A_command_line_that_is_wrong_prints_nothing_fails_and_says_what_is_right(string arguments, string advice)
    {
        var run = await Osm.RunAsync(arguments.Split(' '));

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(advice, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_arguments_it_says_what_there_is()
    {
        var run = await Osm.RunAsync();

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("translate", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        var run = await Osm.RunAsync("version");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+[^\n]*\n$", run.Output);
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path)
        => command.Subcommands.SelectMany(child => All(child, $"{path} {child.Name}".Trim())).Prepend((path, command));
}
