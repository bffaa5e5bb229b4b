using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace OsmExt.Cli.Tests;

/// <summary>Does what the tutorial of core/docs/plugins.md says, line by line, and sees what it says one sees.</summary>
public sealed partial class TutorialTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("osm-tutorial-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task The_tutorial_for_plugins_works_as_it_is_written()
    {
        var section = Section(await File.ReadAllTextAsync(Document()));
        var (commands, expectations, output) = (0, 0, "");
        foreach (Match block in Blocks().Matches(section))
        {
            var lines = block.Groups["text"].Value.TrimEnd('\n').Split('\n');
            if (block.Groups["kind"].Value == "text")
            {
                Assert.Contains(string.Join('\n', lines), output, StringComparison.Ordinal);
                expectations++;
                continue;
            }

            output = "";
            foreach (var line in lines)
            {
                var expected = ExitCodeComment().Match(line) is { Success: true } comment ? int.Parse(comment.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
                var (exitCode, text) = await RunAsync(line);
                Assert.True(exitCode == expected, $"{line}\nended with {exitCode}:\n{text}");
                output += text;
                commands++;
            }
        }

        // A section that is renamed or written in another way must not make this pass.
        Assert.True(commands >= 10 && expectations >= 5, $"{commands} commands, {expectations} expectations");
    }

    [Theory]
    [InlineData("Hello", "lower-case")]
    [InlineData("../up", "lower-case")]
    public async Task A_name_that_is_none_is_refused(string name, string advice)
    {
        var run = await Osm.RunAsync("plugin", "new", name, "--template-only", "--output", Path.Combine(_root.FullName, "x"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(advice, run.Errors, StringComparison.Ordinal);
        Assert.Empty(_root.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task Nothing_that_is_there_is_written_over_and_results_are_written_for_build_servers()
    {
        var folder = Path.Combine(_root.FullName, "my-own");
        var report = Path.Combine(_root.FullName, "junit.xml");

        Assert.Equal(0, (await Osm.RunAsync("plugin", "new", "my-own", "--template-only", "-o", folder)).ExitCode);
        Assert.Contains("kind: MyOwn", await File.ReadAllTextAsync(Path.Combine(folder, "plugin.yaml")), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "schema.yaml"), "type: object\n");
        Assert.Equal(2, (await Osm.RunAsync("plugin", "new", "my-own", "--template-only", "-o", folder)).ExitCode);
        Assert.Equal("type: object\n", await File.ReadAllTextAsync(Path.Combine(folder, "schema.yaml")));

        var tested = await Osm.RunAsync("plugin", "test", folder, "--junit", report);
        Assert.Equal(1, tested.ExitCode);
        Assert.Contains("FAILED my-own: case hello", tested.Output, StringComparison.Ordinal);
        Assert.Contains("<failure message=", await File.ReadAllTextAsync(report), StringComparison.Ordinal);
        Assert.Equal(2, (await Osm.RunAsync("plugin", "test", Path.Combine(folder, "cases"))).ExitCode);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string line)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, WorkingDirectory = _root.FullName };
        start.Environment.Remove("CI");
        start.Environment.Remove("OSM_ACCEPT_SNAPSHOTS");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1; osm() {{ dotnet '{Path.Combine(AppContext.BaseDirectory, "osm.dll")}' \"$@\"; }}\n{line}");
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Osm.Bound, TimeProvider.System);
            return (process.ExitCode, await output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Section(string document)
    {
        var start = document.IndexOf("## Ten minutes", StringComparison.Ordinal);
        return document[start..document.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
    }

    private static string Document([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "plugins.md");

    [GeneratedRegex(@"^```(?<kind>sh|text)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();

    [GeneratedRegex("# exit code ([0-9]+)")]
    private static partial Regex ExitCodeComment();
}
