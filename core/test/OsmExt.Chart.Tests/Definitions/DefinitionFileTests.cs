namespace OsmExt.Chart.Tests.Definitions;

/// <summary>The chart's definitions are what <c>make crds</c> writes.</summary>
public class DefinitionFileTests
{
    private static readonly string Committed = Path.Combine(Checkout.Chart, "crds");

    [Fact]
    public async Task The_charts_definitions_are_those_of_the_model_classes_and_of_all_plugins()
    {
        var written = Directory.CreateTempSubdirectory("osm-crds").FullName;
        try
        {
            Assert.Equal(new(0, "", ""), await Checkout.OsmAsync("crds", "--directory", written));
            foreach (var plugin in PluginFolders.All)
            {
                var run = await Checkout.OsmAsync("plugin", "crds", plugin, "--plugin-policy", "build/plugin-policy.yaml", "--directory", written);
                Assert.Equal((0, ""), (run.ExitCode, run.Output));
                Assert.All(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains("somebody else's kind", line, StringComparison.Ordinal));
            }

            if (Checkout.Accepts)
            {
                Array.ForEach(Directory.GetFiles(Committed), File.Delete);
                Array.ForEach(Directory.GetFiles(written), file => File.Copy(file, Path.Combine(Committed, Path.GetFileName(file))));
            }

            Assert.Equal(Names(written), Names(Committed));
            Assert.All(Names(written), name => Assert.Equal(File.ReadAllText(Path.Combine(written, name)), File.ReadAllText(Path.Combine(Committed, name))));
        }
        finally
        {
            Directory.Delete(written, recursive: true);
        }
    }

    [Fact]
    public async Task Access_to_a_plugins_kinds_is_no_more_than_reading_them_and_writing_their_status()
    {
        var run = await Checkout.OsmAsync("plugin", "crds", "plugins/OsmExt.Plugin.HeaderTransform", "--access-for", "mesh/osm");
        var objects = YamlText.Objects(run.Output);

        var role = objects.Single(value => value.Kind() == "ClusterRole");
        Assert.Equal("""[{"apiGroups":["transform.osmext.io"],"resources":["headertransforms"],"verbs":["list","watch"]},{"apiGroups":["transform.osmext.io"],"resources":["headertransforms/status"],"verbs":["patch"]}]""",
            role["rules"]!.ToJsonString());
        var binding = objects.Single(value => value.Kind() == "ClusterRoleBinding");
        Assert.Equal((role.Name(), "mesh", "osm"), ((string?)binding.At("roleRef.name"), (string?)binding.At("subjects.0.namespace"), (string?)binding.At("subjects.0.name")));
    }

    [Fact]
    public async Task A_service_account_without_a_namespace_is_refused()
    {
        var run = await Checkout.OsmAsync("plugin", "crds", "plugins/OsmExt.Plugin.HeaderTransform", "--access-for", "osm");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("osm-system/osm", run.Errors, StringComparison.Ordinal);
    }

    private static string[] Names(string directory) => [.. Directory.EnumerateFiles(directory).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
