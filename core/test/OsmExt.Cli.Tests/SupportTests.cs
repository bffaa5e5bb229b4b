using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using OsmExt.Cli.Support;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm support error-info</c> and <c>osm completion</c>.</summary>
[UnsupportedOSPlatform("windows")]
public class SupportTests
{
    private static string[] Codes => [.. typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_code_is_explained_in_the_docs_and_nothing_else_is()
    {
        // A code without a row here: add one to core/docs/diagnostics.md.
        Assert.Equal(Codes, DiagnosticTexts.All.Select(text => text.Code));
        Assert.All(DiagnosticTexts.All, text => Assert.True(text.Meaning.EndsWith('.') && text.Remedy.EndsWith('.'), text.Code));
    }

    [Fact]
    public async Task A_code_is_explained_with_what_to_do()
    {
        var one = await Osm.RunAsync("support", "error-info", "osm2002");
        Assert.Equal((0, "", "OSM2002  A rule of access that lets nobody in, such as one with an empty list.\n         Name whom and what it is to allow, or remove it.\n"), (one.ExitCode, one.Errors, one.Output));

        var all = JsonNode.Parse((await Osm.RunAsync("support", "error-info", "-o", "json")).Output)!.AsArray();
        Assert.Equal(Codes, all.Select(row => (string)row!["code"]!));

        var unknown = await Osm.RunAsync("support", "error-info", "OSM2O02");
        Assert.Equal((2, ""), (unknown.ExitCode, unknown.Output));
        Assert.Contains("there is no code OSM2O02; did you mean OSM2002?", unknown.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("osm na", "namespace")]
    [InlineData("osm namespace add --disable", "--disable-sidecar-injection")]
    [InlineData("osm proxy list -o ", "json table yaml")]
    public async Task Bash_completes_commands_options_and_values(string line, string expected)
    {
        using var directory = new TempDirectory();
        // The program, by its name on PATH.
        var osm = Path.Join(directory.Path, "osm");
        await File.WriteAllTextAsync(osm, $"#!/bin/sh\nexec dotnet '{Path.Join(AppContext.BaseDirectory, "osm.dll")}' \"$@\"\n");
        File.SetUnixFileMode(osm, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var script = Path.Join(directory.Path, "completion");
        await File.WriteAllTextAsync(script, (await Osm.RunAsync("completion", "bash")).Output);

        var start = new ProcessStartInfo("bash", ["-c", """
            source "$1"; COMP_LINE="$2"; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$2"; [[ "$2" == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]}-1))
            _osm_complete; printf '%s\n' "${COMPREPLY[@]}" | sort
            """, "bash", script, line]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{directory.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var shell = Process.Start(start)!;
        var found = await shell.StandardOutput.ReadToEndAsync().WaitAsync(Osm.Bound, TimeProvider.System);

        Assert.Equal(expected.Split(' '), found.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("zsh", "compdef _osm osm")]
    [InlineData("fish", "complete -c osm -f -a '(__osm_complete)'")]
    public async Task Other_shells_have_scripts_too(string shell, string expected)
        => Assert.Contains(expected, (await Osm.RunAsync("completion", shell)).Output, StringComparison.Ordinal);
}
