using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Simulation;

/// <summary>One test of a mesh's policy: a request, and what is expected of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Where">File and line.</param>
/// <param name="Request">The request.</param>
/// <param name="Verdict">The verdict expected.</param>
internal sealed record PolicyTest(string Name, string Where, RequestText Request, string Verdict)
{
    /// <summary>The status expected; null for any.</summary>
    public int? Status { get; init; }

    /// <summary>The share expected of each backend; null for any. Backends that are not listed are expected to get nothing.</summary>
    public IReadOnlyDictionary<string, double>? Backends { get; init; }

    /// <summary>What is not as expected; null when all is.</summary>
    public string? Run(SimulatedMesh mesh)
    {
        if (Request.Decide(mesh, out var problem) is not { } decision)
        {
            return problem;
        }

        var verdict = DecisionDocument.Word(decision.Verdict);
        if (verdict != Verdict || (Status is not null && Status != decision.Status))
        {
            return $"expected {Verdict} {Status}".TrimEnd() + $", got {verdict} {decision.Status}".TrimEnd() + $": {decision.Reason}";
        }

        return Backends is null ? null : Compare(decision, Backends);
    }

    private static string? Compare(Decision decision, IReadOnlyDictionary<string, double> expected)
    {
        var got = decision.Backends.GroupBy(backend => DecisionDocument.NameOf(backend.Name), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(backend => backend.Share), StringComparer.Ordinal);
        var wrong = expected.Keys.Union(got.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .FirstOrDefault(name => Math.Abs(expected.GetValueOrDefault(name) - got.GetValueOrDefault(name)) > 1e-6);
        return wrong is null ? null
            : FormattableString.Invariant($"expected {wrong} to get a share of {expected.GetValueOrDefault(wrong)}, got {got.GetValueOrDefault(wrong)}");
    }
}
