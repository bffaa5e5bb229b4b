using System.ComponentModel.DataAnnotations;

namespace OsmExt.PluginHost.TestPlugin;

/// <summary>What a Behaviour says.</summary>
/// <param name="What">What the plugin does.</param>
internal sealed record BehaviourSpec([MinLength(1)] string What);

/// <summary>What it said in an older version.</summary>
/// <param name="Behaviour">What the plugin does.</param>
internal sealed record OlderSpec(string Behaviour);

/// <summary>A spec that says what no spec may.</summary>
internal sealed record AimedSpec(string? TargetRef);
