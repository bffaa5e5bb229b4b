using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Collections;

namespace OsmExt.PluginHost.Rollout;

/// <summary>How a new version of a plugin comes in force: first for some proxies, then for more, then for all.</summary>
/// <param name="Steps">Who is to have it before all do. Whoever has been reached by a step stays reached.</param>
/// <param name="BakeTime">How long nothing may go wrong after a step before the next one.</param>
internal sealed record RolloutPlan(EquatableArray<RolloutStep> Steps, TimeSpan BakeTime)
{
    private static readonly TimeSpan DefaultBakeTime = TimeSpan.FromMinutes(2);

    /// <summary>In words; equal plans have the same.</summary>
    public override string ToString() => $"{string.Join("; ", Steps.Select(step => $"{step}"))}; {BakeTime}";

    /// <summary>Reads what the operator says; several steps, or one.</summary>
    public static RolloutPlan Read(FieldReader fields)
    {
        var bakeTime = fields.Duration("bakeTime", DefaultBakeTime);
        var steps = fields.Objects("steps").Select(RolloutStep.Read).ToList();
        var single = RolloutStep.Of(fields);
        if (single.IsSomething == steps.Count > 0)
        {
            fields.Report("steps", "Either steps are listed, or percent, namespaces or labels say who the only step is for", "Write steps, each with percent, namespaces or labels");
        }

        fields.Done();
        return new(steps.Count > 0 ? [.. steps] : [single], bakeTime);
    }
}
