using OsmExt.LocalRuntime.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.RealEnvoy;

/// <summary>
/// A test for each Envoy of this machine in both variants. Skipped, with all places looked at, where there is none; with
/// <c>OSM_REQUIRE_ENVOY=1</c> both tested versions have to be there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvoyTheoryAttribute : TheoryAttribute
{
    public EnvoyTheoryAttribute() => Skip = IsRequired || Any.Path is not null ? null : Any.ToString();

    public static bool IsRequired => Environment.GetEnvironmentVariable("OSM_REQUIRE_ENVOY") == "1";

    private static EnvoySearchResult Any { get; } = Envoys.Find("");
}

internal static class Envoys
{
    private static readonly string[] Tested = ["1.36.2", "1.40.0"];

    /// <summary>Version and variant.</summary>
    public static TheoryData<string, string> Matrix
    {
        get
        {
            var versions = EnvoyTheoryAttribute.IsRequired ? Tested : Tested.Where(static version => Find(version).Path is not null).ToArray();
            var matrix = new TheoryData<string, string>();
            foreach (var version in versions.Length > 0 ? versions : [Find("").Version])
            {
                matrix.Add(version, nameof(XdsVariant.StateOfTheWorld));
                matrix.Add(version, nameof(XdsVariant.Delta));
            }

            return matrix;
        }
    }

    /// <summary>Nothing is downloaded for a test.</summary>
    public static EnvoySearchResult Find(string version)
    {
        var options = EnvoySearchOptions.OfThisMachine(version) with { DownloadPatience = TimeSpan.FromMilliseconds(1), ForOtherUsers = false };
        return EnvoyBinary.FindAsync(options, default).GetAwaiter().GetResult();
    }
}
