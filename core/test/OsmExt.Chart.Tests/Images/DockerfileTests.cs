using System.Text.RegularExpressions;
using OsmExt.Chart.Tests.Rendering;
using OsmExt.TestedKubernetes;

namespace OsmExt.Chart.Tests.Images;

/// <summary>What can be told of images without building them.</summary>
public partial class DockerfileTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Checkout.In("build/images"), "*.Dockerfile").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Base_images_are_named_by_version(string file)
    {
        var stages = Instructions(file).Where(line => line.Word == "FROM").Select(line => From().Match(line.Value)).ToArray();
        Assert.NotEmpty(stages);
        Assert.All(stages, stage => Assert.Matches("^[a-z0-9./-]+:[0-9]+(\\.[0-9]+)+[a-z0-9.-]*$", stage.Groups["image"].Value));

        // Compiling for another architecture is done on the builder's own.
        Assert.All(stages.Where(stage => stage.Groups["name"].Success), stage => Assert.Equal("--platform=$BUILDPLATFORM ", stage.Groups["platform"].Value));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_copied_and_run_is_there(string file)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (word, rest) in Instructions(file))
        {
            if (word == "RUN" && rest.Split(' ') is [var script, ..] && script.StartsWith("build/", StringComparison.Ordinal))
            {
                Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Checkout.In(script)).HasFlag(UnixFileMode.UserExecute), script);
                var text = File.ReadAllText(Checkout.In(script));
                made.UnionWith(Made().Matches(text).Select(match => $"/out/{match.Groups["name"].Value}"));
            }
            else if (word == "RUN" && rest.Contains("-o /out", StringComparison.Ordinal))
            {
                made.Add("/out");
            }
            else if (word == "COPY")
            {
                var sources = rest.Split(' ')[..^1].Where(source => !source.StartsWith("--", StringComparison.Ordinal)).ToArray();
                Assert.NotEmpty(sources);
                Assert.All(sources, source => Assert.True(rest.StartsWith("--from=", StringComparison.Ordinal) ? made.Contains(source) : Path.Exists(Checkout.In(source)), $"{file} copies {source}, which is not there"));
            }
        }
    }

    [Fact]
    public void What_is_not_for_the_image_is_not_sent_to_the_builder()
    {
        var ignored = File.ReadAllLines(Checkout.In(".dockerignore"));
        Assert.Superset(new HashSet<string> { ".git", "artifacts", "**/bin", "**/obj" }, ignored.ToHashSet());
    }

    [KubernetesToolsFact]
    public async Task The_control_planes_user_and_paths_are_those_of_the_chart()
    {
        var lines = Instructions("osm-controller.Dockerfile").ToArray();
        var pod = (await Rendered.ObjectsAsync()).Single(value => value.Kind() == "Deployment").At("spec.template.spec")!;
        Assert.Equal(pod.At("securityContext.runAsUser")!.ToString(), lines.Last(line => line.Word == "USER").Value);

        var directory = pod.At("containers.0.args")!.AsArray().Select(argument => argument!.ToString().Split('=')).Single(argument => argument[0] == "--plugins")[1];
        Assert.Contains(lines, line => line.Word == "COPY" && line.Value.EndsWith($" {directory}", StringComparison.Ordinal));
        Assert.Equal("[\"dotnet\", \"/opt/osm/osm.dll\"]", lines.Single(line => line.Word == "ENTRYPOINT").Value);
        Assert.Contains("chiseled", lines.Last(line => line.Word == "FROM").Value, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Word, string Value)> Instructions(string file)
        => File.ReadAllText(Checkout.In($"build/images/{file}")).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split(' ', 2)).Select(parts => (parts[0], parts[1]));

    [GeneratedRegex(@"^(?<platform>--platform=\S+ )?(?<image>\S+)( AS (?<name>\S+))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex From();

    [GeneratedRegex(@"""\$2/(?<name>[a-z]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Made();
}
