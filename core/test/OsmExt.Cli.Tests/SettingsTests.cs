using OsmExt.Cli.Commands;

namespace OsmExt.Cli.Tests;

/// <summary>This user's settings, and durations on the command line.</summary>
public class SettingsTests
{
    [Fact]
    public void The_file_says_who_installs_and_where()
    {
        using var directory = new TempDirectory();
        var file = Path.Join(directory.Path, "config.yaml");
        Assert.Equal(new OsmSettings(file, "osm-system", false, ""), OsmSettings.Of(file));

        File.WriteAllText(file, "install: {kind: managed, distribution: somebody, namespace: kube-mesh}\n");
        Assert.Equal(new OsmSettings(file, "kube-mesh", true, "somebody"), OsmSettings.Of(file));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("0:05:00", 300)]
    public void Durations_are_written_as_here_or_as_kubectl_has_them(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("5d")]
    [InlineData("99999999999s")]
    [InlineData("1:2:3:4:5")]
    public void What_is_no_duration_is_refused(string text) => Assert.Null(Durations.Read(text));
}
