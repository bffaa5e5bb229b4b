using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Testing.Plugins;

/// <summary>What plugins contribute, but for one slot of one of them.</summary>
internal sealed class WithoutSlot(IMeshContributions all, string plugin, string slot) : IMeshContributions
{
    public EquatableArray<Diagnostic> Diagnostics => all.Diagnostics;

    public EquatableArray<MeshSetting> CarriesOut => all.CarriesOut;

    public EquatableArray<string> Reads => all.Reads;

    public EquatableArray<LabelSet> Selections(string ns) => all.Selections(ns);

    public EquatableArray<PlacedContribution> Traffic => [.. all.Traffic.Where(item => item.Plugin != plugin || item.Slot.Name != slot)];

    public EquatableArray<OutsiderCertificate> Certificates => all.Certificates;

    public EquatableArray<string> Untold => all.Untold;

    public EquatableArray<(string Plugin, PluginCondition Condition)> Conditions => all.Conditions;

    public ScopeContributions For(ProxyScope scope)
    {
        var contributions = all.For(scope);
        return contributions with { All = [.. contributions.All.Where(item => item.Plugin != plugin || item.Slot.Name != slot)] };
    }

    public IMeshContributions Under(Quarantine quarantine) => new WithoutSlot(all.Under(quarantine), plugin, slot);
}
