using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace OsmExt.Tutorials;

/// <summary>
/// Carries out a section of core/docs/plugins.md as it stands there: each line of a block of commands in a shell of its own, and each block of
/// text is what the commands before it must have said.
/// </summary>
/// <param name="folder">Where the commands are run.</param>
/// <param name="osm">What the word osm means in them.</param>
/// <param name="bound">How long one command may take.</param>
internal sealed partial class Tutorial(string folder, string osm, TimeSpan bound)
{
    /// <summary>Variables that the commands see.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal)
    {
        // What dotnet build would leave running.
        ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false",
    };

    public async Task<(int Commands, int Expectations)> RunAsync(string heading)
    {
        var section = Section(await File.ReadAllTextAsync(Document()), heading);
        var (commands, expectations, output) = (0, 0, "");
        foreach (Match block in Blocks().Matches(section))
        {
            var lines = block.Groups["text"].Value.TrimEnd('\n').Split('\n');
            if (block.Groups["kind"].Value == "text")
            {
                Assert.Contains(string.Join('\n', lines), output.Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
                expectations++;
                continue;
            }

            output = "";
            foreach (var line in lines)
            {
                var expected = ExitCodeComment().Match(line) is { Success: true } comment ? int.Parse(comment.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
                var (exitCode, text) = await CommandAsync(line);
                Assert.True(exitCode == expected, $"{line}\nended with {exitCode}:\n{text}");
                output += text;
                commands++;
            }
        }

        return (commands, expectations);
    }

    private async Task<(int ExitCode, string Output)> CommandAsync(string line)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, WorkingDirectory = folder };
        start.Environment.Remove("CI");
        start.Environment.Remove("OSM_ACCEPT_SNAPSHOTS");
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1; osm() {{ {osm} \"$@\"; }}\n{line}");
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(bound, TimeProvider.System);
            return (process.ExitCode, await output.WaitAsync(bound, TimeProvider.System));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Section(string document, string heading)
    {
        var start = document.IndexOf($"\n## {heading}", StringComparison.Ordinal);
        Assert.True(start >= 0, $"There is no section {heading}.");
        return document[start..document.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
    }

    private static string Document([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "plugins.md");

    [GeneratedRegex(@"^```(?<kind>sh|text)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();

    [GeneratedRegex("# exit code ([0-9]+)")]
    private static partial Regex ExitCodeComment();
}
