using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Script;

/// <summary>What was expected, what was seen, and whether they agree.</summary>
internal sealed record Check(string Text, bool Held);

/// <summary>The traffic a step is judged by.</summary>
/// <param name="All">Since the change.</param>
/// <param name="Settled">Since it was in force.</param>
internal sealed record Observed(IReadOnlyList<Exchange> All, IReadOnlyList<Exchange> Settled);

/// <summary>Expectations: from what was seen to a check. None holds when nothing was seen.</summary>
internal static class Expect
{
    /// <summary>Every request of that kind gets that status.</summary>
    public static Func<Observed, Check> Status(string from, string what, int status) => seen =>
    {
        var asked = seen.Settled.Where(exchange => exchange.From == from && exchange.What == what).ToArray();
        var hits = asked.Count(exchange => exchange.Status == status);
        return new($"{from}: {what} is answered {status} ({hits} of {asked.Length})", asked.Length > 0 && hits == asked.Length);
    };

    /// <summary>Nothing the pod asks for is given to it.</summary>
    public static Func<Observed, Check> Refused(string from) => seen =>
    {
        var asked = seen.Settled.Where(exchange => exchange.From == from).ToArray();
        var given = asked.Count(exchange => exchange.Status == 200);
        return new($"{from} is refused (reached something in {given} of {asked.Length} tries)", asked.Length > 0 && given == 0);
    };

    /// <summary>No request of the pod failed, not even while the change was under way.</summary>
    public static Func<Observed, Check> NothingLost(string from) => seen =>
    {
        var asked = seen.All.Where(exchange => exchange.From == from).ToArray();
        var lost = asked.Count(exchange => exchange.Status != 200);
        return new($"{from} lost no request while that changed ({lost} of {asked.Length})", asked.Length > 0 && lost == 0);
    };

    /// <summary>An instance answers its part of what a service is asked.</summary>
    public static Func<Observed, Check> Share(string service, string instance, double percent, double tolerance) => seen =>
    {
        var answers = seen.Settled.Where(exchange => exchange.To == service && exchange.Answered.Length > 0).ToArray();
        var share = 100.0 * answers.Count(exchange => exchange.Answered == instance) / Math.Max(1, answers.Length);
        var margin = tolerance > 0 ? $" ± {tolerance}" : "";
        return new($"{instance} answers {percent}{margin} % ({share:f1} % of {answers.Length})", answers.Length > 0 && Math.Abs(share - percent) <= tolerance);
    };

    /// <summary>Both ends have proven who they are, and are who they should be.</summary>
    public static Func<Observed, Check> Identities(string from, string to, string self, string peer) => seen =>
    {
        var answered = seen.Settled.Where(exchange => exchange.From == from && exchange.Answered == to).ToArray();
        var right = answered.Count(exchange => exchange.Self == self && exchange.Peer == peer);
        return new($"{from} and {to} know each other by their SPIFFE ids ({right} of {answered.Length})", answered.Length > 0 && right == answered.Length);
    };
}
