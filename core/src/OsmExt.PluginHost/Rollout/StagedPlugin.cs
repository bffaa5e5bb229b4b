using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.PluginHost.Rollout;

/// <summary>A new version that some proxies have in place of the one in force.</summary>
/// <param name="Plugin">The new version.</param>
/// <param name="Reached">The steps it has come to.</param>
internal sealed record StagedPlugin(LoadedPlugin Plugin, EquatableArray<RolloutStep> Reached)
{
    /// <summary>Whether proxies of that scope have it.</summary>
    public bool Reaches(ProxyScope scope) => Reached.Any(step => step.Covers(Plugin.Id, scope));
}
