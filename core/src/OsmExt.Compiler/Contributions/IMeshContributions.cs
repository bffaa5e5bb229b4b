using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>What plugins contribute to one mesh; immutable, and the same scope always gets the same.</summary>
internal interface IMeshContributions
{
    /// <summary>What plugins found wrong, and what is wrong with them, sorted.</summary>
    EquatableArray<Diagnostic> Diagnostics { get; }

    /// <summary>The settings of the MeshConfig that plugins carry out.</summary>
    EquatableArray<MeshSetting> CarriesOut { get; }

    /// <summary>Kinds of the mesh's own objects that plugins read, and may make something of.</summary>
    EquatableArray<string> Reads { get; }

    /// <summary>Where traffic to services goes, which is part of the policy and the same for all proxies; in the order of places.</summary>
    EquatableArray<PlacedContribution> Traffic { get; }

    /// <summary>What somebody outside the mesh is to have, each in a Secret of its own.</summary>
    EquatableArray<OutsiderCertificate> Certificates { get; }

    /// <summary>Secrets of which nobody can tell whether they are still asked for, by patterns; they are not taken away.</summary>
    EquatableArray<string> Untold { get; }

    /// <summary>What plugins say of their objects' status, with the plugin's id; sorted.</summary>
    EquatableArray<(string Plugin, PluginCondition Condition)> Conditions { get; }

    ScopeContributions For(ProxyScope scope);

    /// <summary>The selections of pods by labels that plugins ask for in a namespace, in a fixed order.</summary>
    EquatableArray<LabelSet> Selections(string ns);

    /// <summary>The same without what is in quarantine.</summary>
    IMeshContributions Under(Quarantine quarantine);
}

/// <summary>Scopes of proxies in a mesh with plugins.</summary>
internal static class ContributedScopes
{
    /// <summary>All that translation may know of a proxy: among its labels those that plugins ask for.</summary>
    public static ProxyScope ScopeOf(this IMeshContributions contributions, Proxy proxy, ProxyCapabilities capabilities)
        => proxy.ScopeFor(capabilities, contributions.Selections(proxy.Identity.Workload.Namespace));
}

/// <summary>A mesh without plugins.</summary>
internal sealed class NoContributions : IMeshContributions
{
    private NoContributions()
    {
    }

    public static NoContributions Instance { get; } = new();

    public EquatableArray<Diagnostic> Diagnostics => [];

    public EquatableArray<MeshSetting> CarriesOut => [];

    public EquatableArray<string> Reads => [];

    public EquatableArray<PlacedContribution> Traffic => [];

    public EquatableArray<OutsiderCertificate> Certificates => [];

    public EquatableArray<string> Untold => [];

    public EquatableArray<(string Plugin, PluginCondition Condition)> Conditions => [];

    public ScopeContributions For(ProxyScope scope) => ScopeContributions.None;

    public EquatableArray<LabelSet> Selections(string ns) => [];

    public IMeshContributions Under(Quarantine quarantine) => this;
}
