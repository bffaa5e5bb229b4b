namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Where the data plane does otherwise than Envoy with odd bytes, each with its reason; core/docs/data-plane.md has the same list.</summary>
internal static class WireDifferences
{
    public const string Unexpected = "unexpected";

    /// <summary>The name of the difference; null for none.</summary>
    public static string? Between(string shape, WireOutcome expected, WireOutcome got) => expected.Is(got) ? null : Unexpected;
}
