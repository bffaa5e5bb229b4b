using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Reporting;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Tests.Reporting;

/// <summary>What is made of what is known about an object.</summary>
public sealed class ConditionsTests
{
    private static readonly ResourceKey Key = new("TrafficTarget", "shop", "store");
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, Severity.Info, "Accepted ResolvedRefs Programmed")]
    [InlineData(DiagnosticCodes.InvalidValue, Severity.Error, "ResolvedRefs")]
    [InlineData(DiagnosticCodes.InvalidValue, Severity.Warning, "Accepted ResolvedRefs Programmed Degraded")]
    [InlineData(DiagnosticCodes.IgnoredObject, Severity.Info, "ResolvedRefs")]
    [InlineData(DiagnosticCodes.DanglingReference, Severity.Error, "Accepted")]
    [InlineData(DiagnosticCodes.ReferenceNotGranted, Severity.Error, "Accepted")]
    [InlineData(DiagnosticCodes.MatchesNothing, Severity.Warning, "Accepted")]
    [InlineData(DiagnosticCodes.Conflict, Severity.Warning, "Accepted ResolvedRefs Programmed Conflicted")]
    [InlineData(DiagnosticCodes.ContributionConflict, Severity.Warning, "Accepted ResolvedRefs Programmed Conflicted")]
    [InlineData(DiagnosticCodes.Overridden, Severity.Warning, "Accepted ResolvedRefs Programmed Conflicted")]
    [InlineData(DiagnosticCodes.Overridden, Severity.Info, "Accepted ResolvedRefs Programmed")]
    [InlineData(DiagnosticCodes.ContributionQuarantined, Severity.Error, "Accepted ResolvedRefs Programmed Degraded")]
    [InlineData(DiagnosticCodes.PluginFailed, Severity.Error, "Accepted ResolvedRefs Programmed Degraded")]
    [InlineData(DiagnosticCodes.NoEndpoints, Severity.Info, "Accepted ResolvedRefs Programmed")]
    public void A_finding_speaks_against_one_condition(string? code, Severity severity, string holding)
    {
        var isUsed = holding.Contains("Programmed", StringComparison.Ordinal);
        var status = Conditions.Of(Subject() with
        {
            Findings = code is null ? [] : [new(code, severity, Key, "spec.x", "It is so", "Mend it")], Progress = Acknowledged(isUsed ? 2 : 0, isUsed ? 2 : 0),
        });

        Assert.Equal(holding, string.Join(' ', status.Conditions.Where(condition => condition.Status == ConditionStatus.True).Select(condition => condition.Type)));
        Assert.All(status.Conditions.Where(condition => condition.Message.Contains("It is so", StringComparison.Ordinal)), condition =>
        {
            Assert.Equal(typeof(DiagnosticCodes).GetFields().Single(field => (string?)field.GetRawConstantValue() == code).Name, condition.Reason);
            Assert.Equal("spec.x: It is so. Mend it", condition.Message);
        });
    }

    [Theory]
    [InlineData(3, 3, 0, "True Programmed All 3 proxies have acknowledged all of it")]
    [InlineData(3, 2, 0, "False Pending 2 of 3 proxies have acknowledged all that was made of it")]
    [InlineData(3, 3, 1, "False Held 1 of 3 proxies keep what they have, since a plugin they cannot do without failed")]
    [InlineData(0, 0, 0, "False NoProxies No proxy that is connected is to have anything of it")]
    public void It_is_programmed_when_every_proxy_has_acknowledged_all_of_it(int selected, int acknowledged, int held, string expected)
    {
        var condition = Conditions.Of(Subject() with { Progress = Acknowledged(selected, acknowledged) with { Held = held } }).Condition(ConditionTypes.Programmed)!;

        Assert.Equal(expected, $"{condition.Status} {condition.Reason} {condition.Message}");
    }

    [Fact]
    public void A_refusal_is_told_in_the_proxy_s_words()
    {
        var refusal = new Refusal("shop/web", "Listener inbound-listener", "script load error", Noon);
        var status = Conditions.Of(Subject() with { Progress = Acknowledged(2, 1) with { Refused = [refusal] } });

        Assert.Equal("shop/web refused Listener inbound-listener (\"script load error\")", status.Condition(ConditionTypes.Programmed)!.Message);
        Assert.Equal((ConditionStatus.True, "Refused"), (status.Condition(ConditionTypes.Degraded)!.Status, status.Condition(ConditionTypes.Degraded)!.Reason));
    }

    [Fact]
    public void What_plugins_say_stands_behind_what_the_mesh_says()
    {
        var status = Conditions.Of(Subject() with { Stated = [("limits", new(Key, "Strict", null, "Unsure", "Nobody knows"))] });

        Assert.Equal(new("limits/Strict", ConditionStatus.Unknown, "Unsure", "Nobody knows"), status.Conditions[^1]);
        Assert.Equal(7, status.ObservedGeneration);
    }

    [Fact]
    public void Times_change_with_the_status_and_with_nothing_else()
    {
        var pending = StatusTimes.Of(Conditions.Of(Subject() with { Progress = Acknowledged(3, 1) }), null, Noon.AddMilliseconds(7));
        var further = StatusTimes.Of(Conditions.Of(Subject() with { Progress = Acknowledged(3, 2) }), pending, Noon.AddMinutes(1));
        var done = StatusTimes.Of(Conditions.Of(Subject() with { Progress = Acknowledged(3, 3) }), further, Noon.AddMinutes(2));

        Assert.Equal([Noon, Noon, Noon.AddMinutes(2)], new[] { pending, further, done }.Select(status => status.Condition(ConditionTypes.Programmed)!.LastTransition));
        Assert.Equal(Noon, done.Condition(ConditionTypes.Accepted)!.LastTransition);
        Assert.Same(done, StatusTimes.Of(Conditions.Of(Subject() with { Progress = Acknowledged(3, 3) }), done, Noon.AddHours(1)));
    }

    private static StatusSubject Subject() => new(Key, new TrafficTarget(new("shop", "store") { Generation = 7 }) { Destination = new("ServiceAccount", "shop", "store") });

    private static ObjectProgress Acknowledged(int selected, int acknowledged) => new() { Proxies = new(selected, acknowledged) };
}
