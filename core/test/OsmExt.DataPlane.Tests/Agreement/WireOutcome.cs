using System.Text.RegularExpressions;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>What came of some bytes: the statuses of the answers, whether the connection stayed open, and the requests the backend read.</summary>
internal sealed partial record WireOutcome
{
    public const string StillOpen = "\0open";

    // Written by each in its own way: what is for the next hop, cookies (one line here), expectations and a proxy's credentials (not passed on here), and what asks Envoy for
    // something (passed on here, as nobody obeys it).
    private static readonly string[] Own =
    [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "content-length", "transfer-encoding", "cookie", "expect", "proxy-authorization", "x-envoy-retry-on",
        "x-envoy-upstream-rq-timeout-ms", "x-envoy-max-retries",
    ];


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

    /// <summary>A request that the backend read here and not there; null when there is none.</summary>
    public string? Passes(WireOutcome other)
    {
        var there = other.Seen.Select(Essence).ToList();
        return Seen.FirstOrDefault(seen => !there.Remove(Essence(seen)));
    }

    /// <summary>Everything that is read here was read there with the same headers, but for those that libraries write in their own way.</summary>
    public bool SaysSameAs(WireOutcome other) => Seen.Select(Meaning).SequenceEqual(other.Seen.Select(Meaning), StringComparer.Ordinal);

    public override string ToString() => $"{Statuses}{(IsOpen ? " (open)" : "")} [{string.Join(" | ", Seen.Select(WireAgreementTests.Shown))}]";

    // Lines of one name are one line to the library here, and what is for the next hop alone is written by each in its own way.
    private static string Meaning(string seen)
    {
        var parts = seen.Split("\n\n", 2);
        var lines = parts[0].Split('\n');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).Where(header => !Own.Contains(header[0], StringComparer.Ordinal))
            .GroupBy(header => header[0], header => header[^1].Replace(" ", "", StringComparison.Ordinal), StringComparer.Ordinal)
            .Select(header => $"{header.Key}: {string.Join(',', header)}");
        return $"{lines[0]}\n{string.Join('\n', headers)}\n\n{parts[1]}";
    }

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
