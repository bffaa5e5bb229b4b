using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace OsmExt.E2E;

/// <summary>What tests with real Envoys need of the machine.</summary>
internal static partial class Requirements
{
    /// <summary>The newest Envoy, which pods have unless they choose.</summary>
    public const string Envoy = "1.40.0";

    /// <summary>The oldest that is supported.</summary>
    public const string OldEnvoy = "1.36.2";

    public const string NotBuilt = "The program is not built; run make apps.";

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Paths = new(StringComparer.Ordinal);
    private static readonly Lazy<string?> Reason = new(() => FindReasonAsync().GetAwaiter().GetResult());

    /// <summary>Whether what is missing is a failure.</summary>
    public static bool IsStrict => Environment.GetEnvironmentVariable("OSM_REQUIRE_ENVOY") == "1";

    /// <summary>Why tests cannot run here; null when they can, or must.</summary>
    public static string? SkipReason => IsStrict ? null : Reason.Value;

    /// <summary>Where the Envoy of a version is, as the program finds it.</summary>
    public static Task<string> PathOfAsync(string version) => Paths.GetOrAdd(version, wanted => new(() => FindPathAsync(wanted))).Value;

    private static async Task<string> FindPathAsync(string version)
    {
        var check = await Shell.OsmAsync("local", "check", "--envoy", version);
        return EnvoyPath().Match(check.Output) is { Success: true } found ? found.Groups[1].Value : throw new InvalidOperationException(check.ToString());
    }

    [GeneratedRegex(@"\(Envoy \S+ at (\S+)\)")]
    private static partial Regex EnvoyPath();

    private static async Task<string?> FindReasonAsync()
    {
        if (!File.Exists(Checkout.Osm) || !Directory.Exists(Path.Join(Checkout.Images, "echo")))
        {
            return NotBuilt;
        }

        foreach (var version in (string[])[Envoy, OldEnvoy])
        {
            if (await Shell.RunAsync(Checkout.Osm, ["local", "check", "--data-plane", "envoy", "--envoy", version], seconds: 300) is { ExitCode: not 0 } check)
            {
                return check.Error.Trim();
            }
        }

        return null;
    }
}
