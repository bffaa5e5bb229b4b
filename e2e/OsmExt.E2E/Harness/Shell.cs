using System.Diagnostics;

namespace OsmExt.E2E;

/// <summary>What a program said.</summary>
internal sealed record ShellResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>Runs programs to their end.</summary>
internal static class Shell
{
    public static Task<ShellResult> OsmAsync(params string[] arguments) => RunAsync(Checkout.Osm, arguments);

    /// <summary>In a pod's or the node's network.</summary>
    public static Task<ShellResult> InAsync(PodNetwork network, string program, params string[] arguments)
        => RunAsync("ip", ["netns", "exec", network.Name, program, .. arguments]);

    /// <summary>Runs a program with nothing on its standard input; kills it when it does not end.</summary>
    public static async Task<ShellResult> RunAsync(string program, string[] arguments, string input = "", double seconds = 60)
    {
        using var process = new Process
        {
            StartInfo = new(program, arguments)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Checkout.Root,
            },
        };
        process.Start();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading.
        }

        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(seconds));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {seconds} s: {await output}\n{await error}");
        }

        return new(process.ExitCode, await output, await error);
    }
}
