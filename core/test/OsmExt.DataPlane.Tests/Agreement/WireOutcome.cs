using System.Text.RegularExpressions;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>What came of some bytes: the statuses of the answers, whether the connection stayed open, and the requests the backend read.</summary>
internal sealed partial record WireOutcome
{
    public const string StillOpen = "\0open";

    public WireOutcome(string answer, string[] seen)
    {
        IsOpen = answer.EndsWith(StillOpen, StringComparison.Ordinal);
        // What the backend read is in bodies too: only beginnings of answers count.
        Statuses = string.Join(' ', StatusLine().Matches(answer).Select(match => match.Groups[1].Value));
        Seen = seen;
    }

    public string Statuses { get; }

    public bool IsOpen { get; }

    public IReadOnlyList<string> Seen { get; }

    public bool Is(WireOutcome other) => Statuses == other.Statuses && IsOpen == other.IsOpen && Seen.SequenceEqual(other.Seen, StringComparer.Ordinal);

    /// <summary>A request that the backend read here and not there; null when there is none.</summary>
    public string? Passes(WireOutcome other)
    {
        var there = other.Seen.Select(Essence).ToList();
        return Seen.FirstOrDefault(seen => !there.Remove(Essence(seen)));
    }

    public override string ToString() => $"{Statuses}{(IsOpen ? " (open)" : "")} [{string.Join(" | ", Seen.Select(WireAgreementTests.Shown))}]";

    // Who asks for what, with which body.
    private static string Essence(string seen)
    {
        var parts = seen.Split("\n\n", 2);
        var lines = parts[0].Split('\n');
        return $"{lines[0]} {lines.FirstOrDefault(line => line.StartsWith("host: ", StringComparison.Ordinal))} {parts[1]}";
    }

    [GeneratedRegex(@"HTTP/1\.1 ([0-9]{3}) [A-Za-z ]*\r\n")]
    private static partial Regex StatusLine();
}
