using System.ComponentModel.DataAnnotations;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.TestPlugin;

/// <summary>What a Behaviour says.</summary>
/// <param name="What">What the plugin does.</param>
internal sealed record BehaviourSpec([MinLength(1)] string What);

/// <summary>The same with rules.</summary>
/// <param name="What">What the plugin does.</param>
[CelRule("self.what != 'refused by rule'", "Nothing is refused by rule", FieldPath = ".what")]
internal sealed record RuledSpec([CelRule("size(self) < 1000", "It is too long")] string What);

/// <summary>With a rule about a field that is not there.</summary>
/// <param name="What">What the plugin does.</param>
[CelRule("self.nosuch > 1", "It is small")]
internal sealed record BadlyRuledSpec(string What);

/// <summary>What it said in an older version.</summary>
/// <param name="Behaviour">What the plugin does.</param>
internal sealed record OlderSpec(string Behaviour);

/// <summary>A spec that says what no spec may.</summary>
internal sealed record AimedSpec(string? TargetRef);
