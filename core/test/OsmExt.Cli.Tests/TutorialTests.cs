using System.Diagnostics;
using OsmExt.Tutorials;

namespace OsmExt.Cli.Tests;

/// <summary>Does what the tutorial of core/docs/plugins.md says, line by line, and sees what it says one sees.</summary>
public sealed class TutorialTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("osm-tutorial-");

    public void Dispose() => _root.Delete(recursive: true);

    // A section that is renamed or written in another way must not make these pass: each says how much there is of it at least.
    [Theory]
    [InlineData("Ten minutes", 10, 5)]
    [InlineData("A plugin with code", 4, 2)]
    public async Task A_tutorial_for_plugins_works_as_it_is_written(string heading, int fewestCommands, int fewestExpectations)
    {
        var tutorial = new Tutorial(_root.FullName, $"dotnet '{Path.Combine(AppContext.BaseDirectory, "osm.dll")}'", 2 * Osm.Bound);
        var (commands, expectations) = await tutorial.RunAsync(heading);

        Assert.True(commands >= fewestCommands && expectations >= fewestExpectations, $"{commands} commands, {expectations} expectations");
    }

    [Fact]
    public async Task Without_the_SDK_a_plugin_with_code_says_where_it_is_looked_for()
    {
        Assert.Equal(0, (await Osm.RunAsync("plugin", "new", "lost", "-o", Path.Combine(_root.FullName, "lost"))).ExitCode);

        var build = new ProcessStartInfo("dotnet", ["build", Path.Combine(_root.FullName, "lost"), "-p:OsmFolder=/nowhere", "-nodeReuse:false", "-p:UseSharedCompilation=false"]) { RedirectStandardOutput = true };
        using var process = Process.Start(build)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Osm.Bound, TimeProvider.System);

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("There is no OsmExt.Sdk.dll in /nowhere", await output, StringComparison.Ordinal);
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
}
