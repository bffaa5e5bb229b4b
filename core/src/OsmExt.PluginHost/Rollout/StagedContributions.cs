using System.Collections.Concurrent;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Rollout;

/// <summary>
/// What plugins contribute while new versions of some are being rolled out. Each scope sees one version of every plugin, in an order and with
/// conflicts of their own, as if there were no others.
/// </summary>
/// <param name="staged">The new versions.</param>
/// <param name="combine">What is contributed with these of them, by id, in place of the versions in force.</param>
internal sealed class StagedContributions(IReadOnlyList<StagedPlugin> staged, Func<IReadOnlySet<string>, IMeshContributions> combine) : IMeshContributions
{
    private readonly ConcurrentDictionary<string, IMeshContributions> _combined = new(StringComparer.Ordinal);

    public EquatableArray<Diagnostic> Diagnostics => new SortedSet<Diagnostic>(InForce.Diagnostics.Concat(All.Diagnostics)).ToEquatableArray();

    public EquatableArray<MeshSetting> CarriesOut => InForce.CarriesOut;

    public EquatableArray<string> Reads => [.. InForce.Reads.Concat(All.Reads).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>One for the whole mesh, and so by the versions in force.</summary>
    public EquatableArray<PlacedContribution> Traffic => InForce.Traffic;

    public EquatableArray<OutsiderCertificate> Certificates => InForce.Certificates;

    public EquatableArray<string> Untold => InForce.Untold;

    public EquatableArray<(string Plugin, PluginCondition Condition)> Conditions => InForce.Conditions;

    /// <summary>With the versions in force only.</summary>
    public IMeshContributions InForce => With(static _ => false);

    /// <summary>With all new versions.</summary>
    public IMeshContributions All => With(static _ => true);

    /// <summary>The plugins that there are new versions of, by id.</summary>
    public IEnumerable<string> Plugins => staged.Select(plugin => plugin.Plugin.Id);

    /// <summary>With one new version.</summary>
    public IMeshContributions Only(string plugin) => With(other => string.Equals(other.Plugin.Id, plugin, StringComparison.Ordinal));

    /// <summary>Whether proxies of a scope have the new version of a plugin.</summary>
    public Func<ProxyScope, bool> Reaches(string plugin) => staged.First(other => string.Equals(other.Plugin.Id, plugin, StringComparison.Ordinal)).Reaches;

    public EquatableArray<LabelSet> Selections(string ns)
        => [.. InForce.Selections(ns).Concat(All.Selections(ns)).Concat(staged.SelectMany(plugin => plugin.Reached).Select(step => step.Labels).Where(labels => !labels.IsEmpty))
            .Distinct().OrderBy(labels => string.Join(',', labels), StringComparer.Ordinal)];

    public ScopeContributions For(ProxyScope scope) => With(plugin => plugin.Reaches(scope)).For(scope);

    public IMeshContributions Under(Quarantine quarantine) => new StagedContributions(staged, ids => combine(ids).Under(quarantine));

    private IMeshContributions With(Func<StagedPlugin, bool> isMeant)
    {
        var ids = staged.Where(isMeant).Select(plugin => plugin.Plugin.Id).ToHashSet(StringComparer.Ordinal);
        return _combined.GetOrAdd(string.Join(' ', ids.Order(StringComparer.Ordinal)), _ => combine(ids));
    }
}
