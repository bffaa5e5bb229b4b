using System.Diagnostics;

namespace OsmExt.Cli.Tests;

/// <summary>Runs the program as users do, as a process of its own.</summary>
internal static class Osm
{
    public static TimeSpan Bound { get; } = TimeSpan.FromSeconds(60);

    public static Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "osm.dll")))
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<Finished> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Bound, TimeProvider.System);
            return new(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}

/// <summary>What the program left.</summary>
internal sealed record Finished(int ExitCode, string Output, string Errors);
