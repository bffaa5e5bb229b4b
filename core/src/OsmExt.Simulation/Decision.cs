using System.Collections.Immutable;

namespace OsmExt.Simulation;

/// <summary>What becomes of a request.</summary>
public enum Verdict
{
    /// <summary>Every request of this kind reaches an application, or is answered as if it had.</summary>
    Allow,

    /// <summary>It is refused; or, where the way is chosen at random, some of the ways refuse it.</summary>
    Deny,

    /// <summary>Something decides that the simulator does not know.</summary>
    Undecided,
}

/// <summary>Somebody that requests arrive at.</summary>
/// <param name="Name">The cluster of the client's proxy, or the receiver where there is none.</param>
/// <param name="Share">The share of requests that arrive, from 0 to 1.</param>
internal sealed record Backend(string Name, double Share);

/// <summary>One way a share of equal requests takes.</summary>
/// <param name="Share">The share, from 0 to 1.</param>
/// <param name="Backend">Where it was sent; empty when the client's proxy answered itself.</param>
/// <param name="Allowed">Whether it arrives.</param>
/// <param name="Reply">What the client gets.</param>
/// <param name="Path">The elements taken.</param>
internal sealed record Outcome(double Share, string Backend, bool Allowed, Reply Reply, ImmutableList<Step> Path);

/// <summary>What becomes of a request, and by which elements.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Status">What the client gets: an HTTP status, or null for a connection.</param>
/// <param name="Reason">Why, as a clause.</param>
internal sealed record Decision(Verdict Verdict, int? Status, string Reason)
{
    /// <summary>What a gRPC client gets in place of the HTTP status when a proxy refuses; else null.</summary>
    public int? GrpcStatus { get; init; }

    /// <summary>Where requests arrive, by share; those that are refused are not among them.</summary>
    public ImmutableArray<Backend> Backends { get; init; } = [];

    /// <summary>The elements taken on the way that decided.</summary>
    public ImmutableList<Step> Path { get; init; } = [];

    /// <summary>Every way, when there are several.</summary>
    public ImmutableArray<Outcome> Outcomes { get; init; } = [];

    /// <summary>Draws the ways together. It is allowed only where every way allows.</summary>
    public static Decision Of(ImmutableArray<Outcome> outcomes)
    {
        var decisive = outcomes.Where(outcome => !outcome.Allowed).Concat(outcomes).First();
        var denied = outcomes.Where(outcome => !outcome.Allowed).Sum(outcome => outcome.Share);
        return new(
            decisive.Allowed ? Verdict.Allow : Verdict.Deny,
            decisive.Reply.Status,
            decisive.Allowed || denied > 1 - 1e-9 ? decisive.Reply.Reason
                : string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{denied * 100:0.##}% of such requests are refused: {decisive.Reply.Reason}"))
        {
            Backends = [.. outcomes.Where(outcome => outcome.Allowed && outcome.Backend.Length > 0)
                .GroupBy(outcome => outcome.Backend, StringComparer.Ordinal)
                .Select(group => new Backend(group.Key, Math.Round(group.Sum(outcome => outcome.Share), 9)))
                .OrderBy(backend => backend.Name, StringComparer.Ordinal)],
            GrpcStatus = decisive.Reply.GrpcStatus,
            Path = decisive.Path,
            Outcomes = outcomes,
        };
    }
}
