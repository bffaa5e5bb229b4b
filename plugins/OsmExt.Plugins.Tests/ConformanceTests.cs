using OsmExt.Testing.Plugins;

namespace OsmExt.Plugins.Tests;

/// <summary>What every plugin must keep to, tried with the meshes of its own cases.</summary>
public class ConformanceTests
{
    public static TheoryData<string> Plugins => [.. PluginFolder.All.Select(plugin => plugin.Name)];

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_keeps_to_what_every_plugin_must(string name)
    {
        var plugin = new PluginFolder(name);
        var results = PluginSuite.Run(plugin.Files, plugin.Policy, plugin.Cases);

        Assert.InRange(results.Count, 8, int.MaxValue);
        Assert.Empty(results.Where(result => result.Failure is not null));
    }
}
