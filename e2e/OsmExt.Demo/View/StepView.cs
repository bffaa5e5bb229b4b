using OsmExt.Demo.Mesh;
using OsmExt.Demo.Script;

namespace OsmExt.Demo.View;

/// <summary>Steps as lines.</summary>
internal static class StepView
{
    public static IEnumerable<IReadOnlyList<Span>> Heading(Step step, int number)
    {
        yield return [];
        yield return [new($"{number}. {step.Title}", Paint.Strong)];
        if (step.Target.Length > 0)
        {
            yield return [new(step.File is null ? $"   {step.Target} is removed" : $"   {step.Target} becomes e2e/demo/steps/{step.File}", Paint.Faint)];
        }
    }

    public static IEnumerable<IReadOnlyList<Span>> Outcome(StepResult result)
    {
        if (result.InForce is { } inForce)
        {
            yield return ["   In force ", new($"{inForce:f0} ms", Paint.Strong), " after the file changed, by the first request that shows it"];
        }

        if (result.Change is { } change)
        {
            yield return ["   ", .. Acknowledged(change with { Milliseconds = result.Acknowledged!.Value }), $" after the file changed ({change.Milliseconds:f0} ms after it was noticed)"];
        }

        yield return [];
        foreach (var line in TrafficTable.Lines(result.Seen).Append([]).Concat(TrafficTable.Identities(result.Seen)).Append([]).Concat(result.Checks.Select(Line)))
        {
            yield return line;
        }
    }

    /// <summary>How many sidecars and how long they took.</summary>
    public static IReadOnlyList<Span> Acknowledged(Change change)
        => [change.Streams == 1 ? "1 sidecar acknowledged it " : $"All {change.Streams} sidecars concerned acknowledged it ", new($"{change.Milliseconds:f0} ms", Paint.Strong)];

    public static IEnumerable<IReadOnlyList<Span>> Summary(IReadOnlyList<StepResult> results)
    {
        yield return [];
        var rows = results.Select((result, number) => (IReadOnlyList<IReadOnlyList<Span>>)
        [
            [$"{number}. {result.Step.Title}"],
            [Milliseconds(result.InForce)],
            [Milliseconds(result.Acknowledged)],
            [$"{result.Change?.Streams,6}"],
            [Mark(result.Held), $" {result.Checks.Count(check => check.Held)} of {result.Checks.Count} held"],
        ]).ToArray();
        foreach (var line in Table.Lines(["STEP", "IN FORCE", "ALL ACKED", "SIDECARS", "EXPECTATIONS"], rows))
        {
            yield return line;
        }

        yield return [];
        var failed = results.SelectMany(result => result.Checks).Where(check => !check.Held).ToArray();
        yield return failed.Length == 0 ? [new("Every expectation held.", Paint.Good)] : [new($"{failed.Length} expectations did not hold:", Paint.Bad)];
        foreach (var check in failed)
        {
            yield return Line(check);
        }
    }

    private static IReadOnlyList<Span> Line(Check check) => ["  ", Mark(check.Held), $" {check.Text}"];

    private static Span Mark(bool held) => held ? new("✓", Paint.Good) : new("✗", Paint.Bad);

    private static string Milliseconds(double? time) => time is { } value ? $"{value,6:f0} ms" : "";
}
