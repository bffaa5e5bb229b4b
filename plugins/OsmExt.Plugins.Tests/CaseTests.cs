using OsmExt.Testing.Cases;

namespace OsmExt.Plugins.Tests;

/// <summary>Every plugin's own cases: the folders below <c>PLUGIN/test/cases</c>.</summary>
public class CaseTests
{
    private static readonly string Root = Path.GetDirectoryName(Path.GetDirectoryName(CaseFolder.Beside()))!;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var plugin in Directory.EnumerateDirectories(Root, "OsmExt.Plugin.*").Order(StringComparer.Ordinal))
            {
                foreach (var name in CaseFolder.Names(Path.Combine(plugin, "test", "cases")))
                {
                    cases.Add(Path.GetFileName(plugin), name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_plugin_contributes_what_was_accepted(string plugin, string name)
        => TranslationCase.Verify(Path.Combine(Root, plugin, "test", "cases", name), FolderOf(plugin));

    // A plugin of templates is its folder as it stands; one with code is what building it gives.
    private static string FolderOf(string plugin) => File.Exists(Path.Combine(Root, plugin, "plugin.yaml"))
        ? Path.Combine(Root, plugin)
        : AppContext.BaseDirectory.Replace("OsmExt.Plugins.Tests", plugin, StringComparison.Ordinal);
}
