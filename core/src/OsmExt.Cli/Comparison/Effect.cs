using System.Globalization;
using OsmExt.Cli.Simulation;
using OsmExt.Simulation;

namespace OsmExt.Cli.Comparison;

/// <summary>What a decision comes to, to compare with another: not by which elements, only with what effect.</summary>
/// <param name="Word">As <c>osm simulate</c> says it.</param>
/// <param name="Status">The HTTP status, or null.</param>
/// <param name="Shares">Where requests arrive, and what share of them.</param>
internal sealed record Effect(string Word, int? Status, string Shares)
{
    public static Effect Of(Decision decision) => new(DecisionDocument.Word(decision.Verdict), decision.Status, string.Join(", ",
        decision.Backends.GroupBy(backend => DecisionDocument.NameOf(backend.Name), StringComparer.Ordinal)
            .OrderBy(backend => backend.Key, StringComparer.Ordinal)
            .Select(backend => string.Create(CultureInfo.InvariantCulture, $"{backend.Key} {backend.Sum(part => part.Share) * 100:0.##}%"))));

    public override string ToString()
        => string.Join(' ', new[] { Word, Status?.ToString(CultureInfo.InvariantCulture) ?? "", Shares.Length > 0 ? $"({Shares})" : "" }
            .Where(part => part.Length > 0));
}
