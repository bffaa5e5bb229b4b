using OsmExt.Compiler.Contributions;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Rollout;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>A new version on its way; a value.</summary>
/// <param name="Load">The new version.</param>
/// <param name="Before">The version that everybody else has.</param>
/// <param name="Plan">The way.</param>
/// <param name="Since">When it came to where it is.</param>
internal sealed record Rollout(PluginLoad Load, LoadedPlugin Before, RolloutPlan Plan, DateTimeOffset Since)
{
    public string Id => Before.Id;

    /// <summary>The new version's number.</summary>
    public Version Version { get; } = Load.Manifest!.Version;

    /// <summary>The new version's digest.</summary>
    public string Digest { get; } = Load.Plugin!.Digest;

    /// <summary>The step it is at.</summary>
    public int Step { get; init; }

    /// <summary>Why it was taken back; null when it was not.</summary>
    public string? Fault { get; init; }

    public bool IsHalted => Fault is not null;

    /// <summary>Whether all proxies have it now.</summary>
    public bool IsDone => !IsHalted && Step >= Plan.Steps.Count;

    /// <summary>The same, taken back; nothing keeps the new version in memory.</summary>
    public Rollout Halted(string fault, DateTimeOffset now) => this with { Load = Load with { Plugin = null }, Fault = fault, Since = now };

    /// <summary>What becomes of the folder when the new version was taken back.</summary>
    public PluginLoad InsteadOf(PluginLoad load, LoadedPlugin before) => PluginSet.Kept(load with
    {
        Findings = [new(DiagnosticCodes.RolloutHalted, Severity.Error, PlacedContribution.PluginKey(Id), "",
            $"Version {Version} was taken back at step {Step + 1} of {Plan.Steps.Count} ({Plan.Steps[Step]}): {Fault}", "Mend the plugin; changing or removing its roll-out in the policy file tries this version again")],
    }, before);
}
