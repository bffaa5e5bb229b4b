using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.Cli.Local;

/// <summary>Says whether this machine can run a local mesh, for people, scripts and tests.</summary>
internal static class LocalCheck
{
    /// <summary>Prints the Envoy that would be used; or on standard error all that is missing, and how to get it.</summary>
    public static async Task<int> RunAsync(string envoyVersion, CancellationToken cancellation)
    {
        var (envoy, missing) = await LookAsync(envoyVersion, cancellation).ConfigureAwait(false);
        if (missing.Count > 0)
        {
            await Console.Error.WriteLineAsync(Explain(missing)).ConfigureAwait(false);
            return ExitCode.Missing;
        }

        Console.WriteLine(envoy);
        Console.WriteLine("ok");
        return ExitCode.Ok;
    }

    /// <summary>The Envoy of a version, empty for any, and everything that is missing.</summary>
    public static async Task<(EnvoySearchResult Envoy, IReadOnlyList<string> Missing)> LookAsync(string envoyVersion, CancellationToken cancellation)
    {
        var envoy = await EnvoyBinary.FindAsync(EnvoySearchOptions.OfThisMachine(envoyVersion), cancellation).ConfigureAwait(false);
        return (envoy, await LocalPreflight.CheckAsync(envoy, cancellation).ConfigureAwait(false));
    }

    /// <summary>What is missing, as a list.</summary>
    public static string Explain(IReadOnlyList<string> missing)
        => $"osm: this machine cannot run a local mesh.\n{string.Join('\n', missing.Select(reason => $"- {reason}"))}";
}
