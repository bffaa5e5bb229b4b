using System.Globalization;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>What of the benchmark can be chosen.</summary>
/// <param name="Envoy">Path of an Envoy.</param>
internal sealed record DataPlaneOptions(string Envoy)
{
    /// <summary>How often everything is measured; the medians count.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>How long each load lasts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many requests are under way at once in a saturated mesh.</summary>
    public int AtOnce { get; init; } = 16;

    /// <summary>Services of the meshes. Traffic is measured in the first, memory in each.</summary>
    public IReadOnlyList<int> Services { get; init; } = [10, 1000];

    /// <summary>Where the figures go as JSON too; null for nowhere.</summary>
    public string? Json { get; init; }

    /// <summary>Reads them; null when they cannot be read.</summary>
    public static DataPlaneOptions? Parse(ReadOnlySpan<string> arguments) => arguments switch
    {
        [] => Environment.GetEnvironmentVariable("OSM_ENVOY") is { } envoy ? new(envoy) : null,
        [.. var before, "--json", var file] => Parse(before) is { } options ? options with { Json = file } : null,
        [.. var before, "--rounds", var text] when Number(text) is { } rounds => Parse(before) is { } options ? options with { Rounds = rounds } : null,
        [.. var before, "--seconds", var text] when Number(text) is { } seconds => Parse(before) is { } options ? options with { Duration = TimeSpan.FromSeconds(seconds) } : null,
        [.. var before, "--at-once", var text] when Number(text) is { } atOnce => Parse(before) is { } options ? options with { AtOnce = atOnce } : null,
        [.. var before, "--services", var text] when Number(text) is { } services => Parse(before) is { } options ? options with { Services = [services] } : null,
        [var envoy] => new(Path.GetFullPath(envoy)),
        _ => null,
    };

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
