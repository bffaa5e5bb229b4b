using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Rollout;
using OsmExt.Sdk.Collections;

namespace OsmExt.PluginHost.Tests;

/// <summary>What a policy file says of new versions, and whom they reach.</summary>
public sealed class RolloutPlanTests
{
    [Theory]
    [InlineData("{percent: 10}", "10 % of workloads", 120)]
    [InlineData("{percent: 10, namespaces: [a, b], labels: {tier: canary}, bakeTime: 30s}", "10 % of workloads, namespaces a and b, pods with tier=canary", 30)]
    [InlineData("{bakeTime: 1h, steps: [{namespaces: [a]}, {percent: 50}]}", "namespaces a; 50 % of workloads", 3600)]
    public void A_plan_has_one_step_or_several(string yaml, string steps, int bakeSeconds)
    {
        var (plan, problems) = Read(yaml);

        Assert.Empty(problems);
        Assert.Equal((steps, TimeSpan.FromSeconds(bakeSeconds)), (string.Join("; ", plan!.Steps.Select(step => $"{step}")), plan.BakeTime));
    }

    [Theory]
    [InlineData("{}", "plugins.lua.rollout.steps")]
    [InlineData("{percent: 10, steps: [{percent: 20}]}", "plugins.lua.rollout.steps")]
    [InlineData("{steps: [{}]}", "plugins.lua.rollout.steps[0].percent")]
    [InlineData("{percent: 100}", "plugins.lua.rollout.percent")]
    [InlineData("{percent: 10, bakeTime: soon}", "plugins.lua.rollout.bakeTime")]
    [InlineData("{percent: 10, labels: {a: [b]}}", "plugins.lua.rollout.labels")]
    [InlineData("{percent: 10, namespace: a}", "plugins.lua.rollout.namespace")]
    public void A_mistake_in_a_plan_is_told(string yaml, string field) => Assert.Equal([field], Read(yaml).Problems);

    [Fact]
    public void Chance_is_the_same_for_replicas_and_a_higher_percentage_keeps_whom_a_lower_one_reached()
    {
        var scopes = Enumerable.Range(0, 1000).Select(index => PluginFolder.Scope("shop", $"account-{index}")).ToArray();
        int[] percents = [1, 10, 50, 99];
        var reached = percents.Select(percent => scopes.Where(scope => new RolloutStep(percent, [], LabelSet.Empty).Covers("lua", scope)).ToHashSet()).ToArray();

        Assert.All(reached.Zip(percents), entry => Assert.InRange(entry.First.Count, (entry.Second * 10) - 50, (entry.Second * 10) + 50));
        Assert.All(reached.Zip(reached.Skip(1)), pair => Assert.Subset(pair.Second, pair.First));
        // Neither the build of Envoy nor what services a pod has by now counts.
        Assert.All(scopes, scope => Assert.Equal(reached[1].Contains(scope), new RolloutStep(10, [], LabelSet.Empty).Covers("lua", scope with { Services = [], Capabilities = new("1.36", []) })));
        Assert.NotEqual(reached[1], scopes.Where(scope => new RolloutStep(10, [], LabelSet.Empty).Covers("other", scope)).ToHashSet());
    }

    [Fact]
    public void All_that_a_step_says_has_to_be_true()
    {
        var canary = LabelSet.From([new("tier", "canary")]);
        var step = new RolloutStep(null, ["shop"], canary);
        var (with, without) = (PluginFolder.Scope() with { Selections = [canary] }, PluginFolder.Scope());

        Assert.True(step.Covers("lua", with));
        Assert.False(step.Covers("lua", without));
        Assert.False(step.Covers("lua", PluginFolder.Scope("other") with { Selections = [canary] }));
    }

    private static (RolloutPlan? Plan, IReadOnlyList<string> Problems) Read(string yaml)
    {
        var findings = new Findings("policy.yaml");
        var policy = PluginPolicy.Read($"plugins:\n  lua:\n    rollout: {yaml}\n", findings);
        return (policy?.Plugins["lua"].Rollout, [.. findings.All.Select(finding => finding.Field)]);
    }
}
