using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// A piece of proxies' configuration, as a value: which slot it fills, whom it is for, and what it is made from. Either the slot's
/// template is rendered with <see cref="Model"/>, or <see cref="Text"/> is the YAML or JSON itself.
/// </summary>
/// <param name="Slot">The slot's name.</param>
/// <param name="Target">Whom it is for.</param>
public sealed record Contribution(string Slot, ContributionTarget Target)
{
    /// <summary>What the slot's template is rendered with.</summary>
    public ConfigValue Model { get; init; } = ConfigValue.Empty;

    /// <summary>The configuration itself, for slots without a template.</summary>
    public string? Text { get; init; }

    /// <summary>Whether it counts everywhere it is for, whatever more specific ones say.</summary>
    public bool IsLocked { get; init; }

    /// <summary>The object it was made from; it is named in findings, in Envoy's metadata and in what the tools print.</summary>
    public ResourceKey? Origin { get; init; }

    /// <summary>Further objects it was made from; they are named beside the first one.</summary>
    public EquatableArray<ResourceKey> AlsoFrom { get; init; }
}
