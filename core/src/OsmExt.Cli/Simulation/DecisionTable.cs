using System.Globalization;
using OsmExt.Simulation;

namespace OsmExt.Cli.Simulation;

/// <summary>A decision for people to read.</summary>
internal static class DecisionTable
{
    public static string Of(Decision decision)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var word = DecisionDocument.Word(decision.Verdict).ToUpperInvariant();
        text.WriteLine(decision.Status is { } status ? $"{word} {status}: {decision.Reason}" : $"{word}: {decision.Reason}");
        foreach (var backend in decision.Backends.GroupBy(backend => DecisionDocument.NameOf(backend.Name), StringComparer.Ordinal))
        {
            text.WriteLine($"  {backend.Sum(part => part.Share) * 100,6:0.##}%  {backend.Key}");
        }

        text.WriteLine();
        WritePath(text, decision.Path);
        return text.ToString();
    }

    private static void WritePath(StringWriter text, IReadOnlyCollection<Step> path)
    {
        var at = path.Select(step => step.At.Length).DefaultIfEmpty().Max();
        var element = path.Select(step => step.Element.Length).DefaultIfEmpty().Max();
        foreach (var step in path)
        {
            var detail = step.Detail.Length > 0 ? $"  {step.Detail}" : "";
            text.WriteLine($"  {step.At.PadRight(at)}  {step.Element.PadRight(element)}  {step.Name}{detail}");
        }
    }
}
