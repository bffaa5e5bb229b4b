using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// A place in proxies' configuration that a plugin's manifest claims. Plugins fill their slots and nothing else, so that order and
/// ownership are known before any of them runs.
/// </summary>
/// <param name="Name">Unique within the plugin.</param>
/// <param name="Point">What is contributed.</param>
/// <param name="Direction">To which of a proxy's two sides.</param>
public sealed record ContributionSlot(string Name, ContributionPoint Point, Direction Direction)
{
    /// <summary>What <see cref="For"/> says of a slot that is filled once, for the whole mesh, from its settings.</summary>
    public const string Mesh = "Mesh";

    /// <summary>Where a filter stands; of no meaning for other points.</summary>
    public FilterStage Stage { get; init; } = FilterStage.Traffic;

    /// <summary>Plugins whose filters of the same stage stand before this one.</summary>
    public EquatableArray<string> After { get; init; }

    /// <summary>Plugins whose filters of the same stage stand after this one.</summary>
    public EquatableArray<string> Before { get; init; }

    /// <summary>What becomes of several contributions to the same place.</summary>
    public MergeRule Merge { get; init; }

    /// <summary>The kind whose objects fill it, one contribution for each; <see cref="Mesh"/> for one in all; empty where the plugin's code fills it.</summary>
    public string For { get; init; } = "";

    /// <summary>The template that makes the Envoy configuration, relative to the plugin's folder; empty when the code hands over text.</summary>
    public string Template { get; init; } = "";

    /// <summary>For configuration of virtual hosts: the slot whose filter is configured.</summary>
    public string Configures { get; init; } = "";

    /// <summary>The slot of the same plugin without which this one is of no use: it stays empty for proxies that have nothing of the other. Empty for none.</summary>
    public string With { get; init; } = "";

    /// <summary>The setting of the MeshConfig that it carries out, and without which a slot of the mesh stays empty; null for none.</summary>
    public MeshSetting? Setting { get; init; }

    /// <summary>The versions of Envoy it is for, where they are fewer than the plugin's.</summary>
    public VersionRange Envoy { get; init; } = VersionRange.Any;

    /// <summary>What it reads of the metadata that the mesh writes.</summary>
    public EquatableArray<MeshMetadata> Metadata { get; init; }
}

/// <summary>What becomes of several contributions of one slot that reach the same place.</summary>
public enum MergeRule
{
    /// <summary>The most specific target counts: mesh, namespace, service account, service, port. Of equals the older object, then the first by name.</summary>
    Override,

    /// <summary>All count, the least specific first.</summary>
    Append,
}
