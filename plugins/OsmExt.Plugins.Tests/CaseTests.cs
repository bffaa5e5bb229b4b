using OsmExt.Testing.Cases;

namespace OsmExt.Plugins.Tests;

/// <summary>Every plugin's own cases: the folders below <c>PLUGIN/test/cases</c>.</summary>
public class CaseTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var plugin in PluginFolder.All)
            {
                foreach (var name in CaseFolder.Names(plugin.Cases))
                {
                    cases.Add(plugin.Name, name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_plugin_contributes_what_was_accepted(string plugin, string name)
        => TranslationCase.Verify(Path.Combine(new PluginFolder(plugin).Cases, name), new PluginFolder(plugin).Files, new PluginFolder(plugin).Policy);
}
