using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.Envoy;

/// <summary>Where and for what to look.</summary>
internal sealed record EnvoySearchOptions
{
    /// <summary>The exact version wanted; empty for any.</summary>
    public string Version { get; init; } = "";

    /// <summary>Environment variables.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>Directories to go upward from, for a script in a folder beside the project.</summary>
    public required IReadOnlyList<string> StartDirectories { get; init; }

    /// <summary>The machine's own cache, used by root; empty to use none.</summary>
    public required string MachineCache { get; init; }

    /// <summary>
    /// Whether the proxy will run as another user, so that a binary only we can reach is of no use. Then the machine's cache
    /// counts too.
    /// </summary>
    public required bool ForOtherUsers { get; init; }

    /// <summary>Whether the machine's package client is asked where there is none.</summary>
    public bool Downloads { get; init; } = true;

    /// <summary>How long a download may take. Default 3 minutes.</summary>
    public TimeSpan DownloadPatience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The search this process would make.</summary>
    public static EnvoySearchOptions OfThisMachine(string version = "") => new()
    {
        Version = version,
        Environment = System.Environment.GetEnvironmentVariable,
        StartDirectories = [Directory.GetCurrentDirectory(), AppContext.BaseDirectory],
        MachineCache = "/var/cache/osmext/envoy",
        ForOtherUsers = Native.IsRoot,
    };

    /// <summary>The user's cache; empty when the environment names none.</summary>
    public string UserCache => Environment("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Join(cache, "osmext/envoy")
        : Environment("HOME") is { Length: > 0 } home ? Path.Join(home, ".cache/osmext/envoy")
        : "";

    /// <summary>The caches to look in, in order. A download goes into the last one.</summary>
    public IReadOnlyList<string> Caches
        => [.. new[] { UserCache, ForOtherUsers ? MachineCache : "" }.Where(cache => cache.Length > 0)];

    public string? FindProgram(string name) => Command.Find(name, Environment("PATH"));
}
