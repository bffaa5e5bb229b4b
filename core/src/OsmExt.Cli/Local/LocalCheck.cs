using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.Cli.Local;

/// <summary>Says whether this machine can run a local mesh and with what, for people, scripts and tests.</summary>
internal static class LocalCheck
{
    /// <summary>Prints what would be used and why; or on standard error all that is missing, and how to get it.</summary>
    public static async Task<int> RunAsync(string envoyVersion, DataPlaneWish wish, CancellationToken cancellation)
    {
        var choice = await LookAsync(envoyVersion, wish, cancellation).ConfigureAwait(false);
        if (choice.Missing.Count > 0)
        {
            await Console.Error.WriteLineAsync(Explain(choice)).ConfigureAwait(false);
            return ExitCode.Missing;
        }

        Console.WriteLine(choice);
        Console.WriteLine("ok");
        return ExitCode.Ok;
    }

    /// <summary>What is used on this machine: with an Envoy of a version, empty for any.</summary>
    public static async Task<DataPlaneChoice> LookAsync(string envoyVersion, DataPlaneWish wish, CancellationToken cancellation)
    {
        // Neither is looked for where it would not be used: looking for an Envoy may take a download.
        var namespaces = wish.Network == DataPlaneWish.Loopback ? [] : await LocalPreflight.CheckAsync(envoy: null, cancellation).ConfigureAwait(false);
        var isOutOfQuestion = !OperatingSystem.IsLinux() || wish.DataPlane == DataPlaneWish.Embedded
            || (wish.DataPlane == DataPlaneWish.Auto && (wish.Network == DataPlaneWish.Loopback || namespaces.Count > 0));
        var envoy = isOutOfQuestion
            ? new EnvoySearchResult(null, "", [])
            : await EnvoyBinary.FindAsync(EnvoySearchOptions.OfThisMachine(envoyVersion), cancellation).ConfigureAwait(false);
        return wish.Choose(envoy, namespaces, LocalPreflight.CheckLoopback());
    }

    /// <summary>What is missing, as a list.</summary>
    public static string Explain(DataPlaneChoice choice)
        => $"osm: this machine cannot run a local mesh{(choice.IsEmbedded ? "" : " of Envoys")}.\n{string.Join('\n', choice.Missing.Select(reason => $"- {reason}"))}";
}
