using System.Diagnostics;

namespace OsmExt.TestedKubernetes;

/// <summary>
/// A test with kubectl or helm as they are published. Skipped where <c>build/kubernetes-tools</c> could not bring them; with <c>OSM_REQUIRE_ENVOY=1</c> it fails there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KubernetesToolsFactAttribute : FactAttribute
{
    public KubernetesToolsFactAttribute() => Skip = Environment.GetEnvironmentVariable("OSM_REQUIRE_ENVOY") == "1" ? null : KubernetesTools.Missing;
}

/// <summary>kubectl and helm.</summary>
internal static class KubernetesTools
{
    /// <summary>The directory of the repository's own.</summary>
    public static string Directory { get; } = Path.Join(Root(), "artifacts", "kubernetes-tools");

    /// <summary>Why there are none; null when both are here.</summary>
    public static string? Missing { get; } = Find("kubectl") is not null && Find("helm") is not null ? null : "there is no kubectl or no helm; run build/kubernetes-tools";

    /// <summary>Where one is; null when it is not here.</summary>
    public static string? Find(string name) => Path.Join(Directory, name) is var path && File.Exists(path) ? path : null;

    /// <summary>Runs one and gives what it prints.</summary>
    public static async Task<string> RunAsync(string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Find(name)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{name} failed: {await errors}");
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Join(directory, "OsmExt.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("This is no checkout of the repository.");
        }

        return directory;
    }
}
