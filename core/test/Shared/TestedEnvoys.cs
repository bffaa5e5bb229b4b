using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.TestedEnvoys;

/// <summary>
/// A test with real Envoys. Skipped, with all places looked at, where there is none; with <c>OSM_REQUIRE_ENVOY=1</c> both tested
/// versions have to be there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvoyTheoryAttribute : TheoryAttribute
{
    public EnvoyTheoryAttribute() => Skip = Envoys.AreRequired || Any.Path is not null ? null : Any.ToString();

    private static EnvoySearchResult Any { get; } = Envoys.Find("");
}

/// <summary>The Envoys of this machine.</summary>
internal static class Envoys
{
    private static readonly string[] Tested = ["1.36.2", "1.40.0"];

    public static bool AreRequired => Environment.GetEnvironmentVariable("OSM_REQUIRE_ENVOY") == "1";

    /// <summary>The tested versions that are here, or must be; else whichever there is.</summary>
    public static IReadOnlyList<string> Versions
    {
        get
        {
            var found = AreRequired ? Tested : [.. Tested.Where(static version => Find(version).Path is not null)];
            return found.Length > 0 ? found : [Find("").Version];
        }
    }

    /// <summary>Nothing is downloaded for a test.</summary>
    public static EnvoySearchResult Find(string version)
    {
        var options = EnvoySearchOptions.OfThisMachine(version) with { DownloadPatience = TimeSpan.FromMilliseconds(1), ForOtherUsers = false };
        return EnvoyBinary.FindAsync(options, default).GetAwaiter().GetResult();
    }
}
