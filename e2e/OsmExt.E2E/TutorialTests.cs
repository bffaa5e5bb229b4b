using OsmExt.Tutorials;

namespace OsmExt.E2E;

/// <summary>The tutorial of core/docs/plugins.md to its end: from a new plugin to a changed response header that came through a real Envoy.</summary>
public sealed class TutorialTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("osm-tutorial-");

    public void Dispose() => _root.Delete(recursive: true);

    [MeshFact]
    public async Task A_new_plugin_changes_a_header_of_responses_that_come_through_a_real_Envoy()
    {
        var tutorial = new Tutorial(_root.FullName, Checkout.Osm, TimeSpan.FromSeconds(90));
        tutorial.Variables["OSMEXT"] = Checkout.Root;
        try
        {
            await tutorial.RunAsync("Ten minutes");
            var (commands, expectations) = await tutorial.RunAsync("Through a real Envoy");

            Assert.True(commands >= 6 && expectations >= 2, $"{commands} commands, {expectations} expectations");
        }
        finally
        {
            await Shell.OsmAsync("local", "down", "--name", "hello");
        }
    }
}
