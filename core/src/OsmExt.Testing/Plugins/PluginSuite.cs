using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Testing.Cases;
using OsmExt.Testing.Snapshots;

namespace OsmExt.Testing.Plugins;

/// <summary>
/// The tests of a plugin: its snapshot cases, and what every plugin must keep to, tried with the meshes of these cases. It is what
/// <c>osm plugin test</c> runs.
/// </summary>
public static class PluginSuite
{
    /// <summary>Runs everything; nothing is thrown for what is wrong with the plugin.</summary>
    /// <param name="folder">The plugin's folder, with its <c>plugin.yaml</c>.</param>
    /// <param name="policyFile">The operator's policy that grants what the plugin needs; null for <c>policy.yaml</c> in the folder, if there is one.</param>
    /// <param name="cases">The folder of its cases; null for <c>cases</c> or <c>test/cases</c> in the folder.</param>
    public static IReadOnlyList<PluginTestResult> Run(string folder, string? policyFile = null, string? cases = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        cases ??= new[] { "cases", Path.Combine("test", "cases") }.Select(place => Path.Combine(folder, place)).FirstOrDefault(Directory.Exists) ?? Path.Combine(folder, "cases");
        var plugin = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var results = new List<PluginTestResult>();
        var set = PluginSet.Load(folder, policyFile, TimeProvider.System);
        try
        {
            var errors = set.Diagnostics.Where(finding => finding.Severity == Severity.Error).ToArray();
            Add("it can be loaded", () => errors.Length > 0 ? string.Join('\n', errors.Select(finding => $"{finding}")) : set.Plugins.Count == 0 ? $"There is no plugin.yaml in {folder}" : null);
            if (results[0].Failure is not null)
            {
                return results;
            }

            var names = Names(cases);
            Add("it has cases", () => names.Count == 0 ? $"There is no in.yaml in a folder of {cases}; write one there: a small mesh with objects of the plugin's kinds" : null);
            foreach (var name in names)
            {
                Add($"case {name}", () => Compare(Path.Combine(cases, name), set));
            }

            if (names.Count > 0)
            {
                // With what services have published in any of the cases; a file that cannot be used has failed its case already.
                string[] published = [.. names.Select(name => Path.Combine(cases, name)).Where(name => IsUsable(name, set))];
                PublishedFile.Into(set, published);
                var conformance = new PluginConformance(set, Reload, [.. names.Select(name => Path.Combine(cases, name, TranslationCase.InputFile))]);
                PluginSet Reload()
                {
                    var fresh = PluginSet.Load(folder, policyFile, TimeProvider.System);
                    PublishedFile.Into(fresh, published);
                    return fresh;
                }

                Add("the same objects give the same result twice", conformance.Repeats);
                Add("the order of objects changes nothing", conformance.IgnoresOrder);
                Add("objects survive being written and read, and bad fields are refused", conformance.KeepsToItsSchema);
                if (set.Kinds.Any(kind => !kind.Conversions.IsEmpty))
                {
                    Add("objects survive being converted between versions", conformance.Converts);
                }

                Add("every contribution is placed", conformance.PlacesEverything);
                Add($"limits hold with {PluginConformance.Copies} copies of each object", conformance.StaysInLimits);
                if (set.Plugins.Any(plugin => plugin.Code is not null))
                {
                    Add("its code is really unloaded", conformance.Unloads);
                }
            }

            return results;
        }
        finally
        {
            set.DisposeExcept(PluginSet.Empty);
        }

        void Add(string name, Func<string?> test) => results.Add(new(plugin, name, test()));
    }

    private static IReadOnlyList<string> Names(string cases)
    {
        try
        {
            return CaseFolder.Names(cases);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static bool IsUsable(string folder, PluginSet set)
    {
        try
        {
            PublishedFile.Into(set, folder);
            return true;
        }
        catch (SnapshotException)
        {
            return false;
        }
    }

    private static string? Compare(string folder, PluginSet set)
    {
        try
        {
            TranslationCase.Verify(folder, set);
            return null;
        }
        catch (SnapshotException difference)
        {
            return difference.Message;
        }
    }
}
