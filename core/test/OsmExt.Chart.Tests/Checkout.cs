using System.Diagnostics;

namespace OsmExt.Chart.Tests;

/// <summary>This repository, and the programs that tests run on it.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    public static string Chart => In("core/charts/osm");

    /// <summary>Whether what differs is accepted: <c>OSM_ACCEPT_SNAPSHOTS=1</c>, and nowhere but on a developer's machine.</summary>
    public static bool Accepts => Environment.GetEnvironmentVariable("OSM_ACCEPT_SNAPSHOTS") == "1" && Environment.GetEnvironmentVariable("CI") is null or "";

    public static string In(string path) => Path.Combine(Root, path.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Runs <c>osm</c>.</summary>
    public static Task<Finished> OsmAsync(params IEnumerable<string> arguments) => RunAsync("dotnet", arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "osm.dll")));

    /// <summary>Runs a program in the root to its end.</summary>
    public static async Task<Finished> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
        return new(process.ExitCode, await output, await errors);
    }

    private static string Find()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "OsmExt.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("This is no checkout of the repository.");
        }

        return directory;
    }
}

/// <summary>What a program left.</summary>
internal sealed record Finished(int ExitCode, string Output, string Errors);
