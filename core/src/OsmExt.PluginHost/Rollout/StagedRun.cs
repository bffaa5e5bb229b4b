using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Running;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Rollout;

/// <summary>Asks every plugin once, both versions of those that are being rolled out, and puts together what each proxy is to have of it.</summary>
internal sealed class StagedRun(PluginSet set, CompilerOptions options, TimeProvider time)
{
    public StagedContributions Contribute(Mesh mesh, ResourceSnapshot snapshot)
    {
        var apart = set.Plugins.Concat(set.Staged.Select(staged => staged.Plugin))
            .ToDictionary<LoadedPlugin, object, CollectedContributions>(plugin => plugin, plugin => Collect(plugin, mesh, snapshot), ReferenceEqualityComparer.Instance);
        return new(set.Staged, ids =>
        {
            LoadedPlugin[] plugins = [.. set.Plugins.Select(plugin => ids.Contains(plugin.Id) ? set.Staged.First(staged => staged.Plugin.Id == plugin.Id).Plugin : plugin)];
            var found = new List<Diagnostic>(set.Diagnostics);
            var order = SlotOrder.Of(plugins.Select(plugin => plugin.Manifest), found);
            var collected = new CollectedContributions(found, snapshot);
            foreach (var plugin in plugins)
            {
                collected.Add(apart[plugin], order);
            }

            set.HoldForBroken(collected, mesh, snapshot, options);
            if (collected.Requests.Count > 0)
            {
                collected.Issue(new(mesh, snapshot, options));
            }

            return new MeshContributions(collected, [.. plugins.Select(plugin => plugin.Manifest)], Quarantine.None);
        });
    }

    // Where traffic goes is decided by the versions in force, in their order.
    private CollectedContributions Collect(LoadedPlugin plugin, Mesh mesh, ResourceSnapshot snapshot)
    {
        var collected = new CollectedContributions([], snapshot);
        var others = set.Plugins.Select(other => other.Id == plugin.Id ? plugin : other);
        new PluginRun(plugin, SlotOrder.Of(others.Select(other => other.Manifest), []), options, time) { ReadByOthers = !set.Plugins.Contains(plugin, ReferenceEqualityComparer.Instance) }.Into(collected, mesh, snapshot);
        return collected;
    }
}
