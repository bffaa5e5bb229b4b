namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Where the data plane does otherwise than Envoy with odd bytes, each with its reason; core/docs/data-plane.md has the same list.</summary>
internal static class WireDifferences
{
    public const string Unexpected = "unexpected";
    public const string PassedHereAlone = "passed on here alone";

    /// <summary>The name of the difference; null for none.</summary>
    public static string? Between(string shape, WireOutcome expected, WireOutcome got)
        // Kestrel reads "+5" as 5 and says 5 to whoever is behind: all agree where the body ends.
        => shape.Contains("content-length: +", StringComparison.Ordinal) && expected.Seen.Count == 0 ? "plus sign before a length read over"
            // It is answered 404 by both. Envoy then leaves the connection open and answers nothing more; what comes next here is the request after it, whole and with its own host.
            : shape.StartsWith("OPTIONS *", StringComparison.Ordinal) && expected is { IsOpen: true, Seen.Count: 0 } && got.Seen is [var last] && last.StartsWith("GET /last ", StringComparison.Ordinal)
                ? "answered after OPTIONS *"
            : got.Passes(expected) is not null ? PassedHereAlone
            : got.Seen.Count < expected.Seen.Count ? "refused here"
            // Of a Connection header that says "close", Kestrel keeps nothing else.
            : shape.Contains("connection: close, ", StringComparison.Ordinal) && !got.SaysSameAs(expected) ? "named besides close, passed on"
            : got.Seen.Count == 0 ? (got.Statuses == expected.Statuses ? null : "refused by both, in other words")
            : !got.SaysSameAs(expected) ? Unexpected
            : got.Statuses == expected.Statuses ? null : "passed on by both, answered in other words";
}
