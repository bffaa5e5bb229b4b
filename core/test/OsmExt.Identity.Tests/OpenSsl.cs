using System.Diagnostics;

namespace OsmExt.Identity.Tests;

/// <summary>The other opinion: Envoy's TLS library is kin to OpenSSL, not to .NET's reading of certificates.</summary>
internal static class OpenSsl
{
    /// <returns>Exit code, and both outputs.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }
}
