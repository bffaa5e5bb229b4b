using System.Diagnostics;

namespace OsmExt.E2E;

/// <summary>The certificate authority's directory: made when missing, kept, and never repaired or replaced in silence.</summary>
public sealed class AuthorityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("osm-e2e-").FullName;

    private string State => Path.Join(_directory, "state");

    private string Key => Path.Join(State, "ca", "root.key");

    private string Root => Path.Join(State, "ca", "root.crt");

    public void Dispose()
    {
        if (Directory.Exists(State))
        {
            File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(_directory, recursive: true);
    }

    [OsmFact]
    public async Task It_is_made_once_and_for_its_owner_only()
    {
        await RunOnceAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Join(State, "ca")));
        var root = await File.ReadAllTextAsync(Root);

        await RunOnceAsync();
        Assert.Equal(root, await File.ReadAllTextAsync(Root));
    }

    [OsmFact]
    public async Task A_key_that_others_may_read_stops_the_start()
    {
        await RunOnceAsync();
        File.SetUnixFileMode(Key, File.GetUnixFileMode(Key) | UnixFileMode.OtherRead);

        Refused(await RunAsync(), Key, "chmod 600");
    }

    [OsmFact]
    public async Task A_lost_key_is_not_replaced()
    {
        await RunOnceAsync();
        File.Delete(Key);

        Refused(await RunAsync(), Key);
        Assert.False(File.Exists(Key));
    }

    [OsmFact]
    public async Task A_broken_certificate_stops_the_start()
    {
        await RunOnceAsync();
        await File.WriteAllTextAsync(Root, "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n");

        Refused(await RunAsync(), Root);
    }

    // Root without the privilege to read everything.
    [MeshFact]
    public async Task An_unreadable_directory_stops_the_start()
    {
        await RunOnceAsync();
        File.SetUnixFileMode(State, UnixFileMode.None);

        Refused(await RunAsync("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"), State);
    }

    private Task<ShellResult> RunAsync(params string[] through)
    {
        string[] command = [.. through, Checkout.Osm, "run", "--config", _directory, "--state", State, .. Addresses];
        return Shell.RunAsync(command[0], command[1..]);
    }

    private static string[] Addresses => ["--xds-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--debug-address", "127.0.0.1:0"];

    private static void Refused(ShellResult result, params string[] words)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.All(words, word => Assert.Contains(word, result.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", result.ToString(), StringComparison.Ordinal);
    }

    // Until it serves; then it is asked to end.
    private async Task RunOnceAsync()
    {
        string[] arguments = ["run", "--config", _directory, "--state", State, .. Addresses];
        using var process = Process.Start(new ProcessStartInfo(Checkout.Osm, arguments) { RedirectStandardOutput = true })!;
        await Wait.UntilAsync(() => File.Exists(Root) || process.HasExited, "the root is there");
        await Shell.RunAsync("kill", ["-TERM", $"{process.Id}"]);
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(File.Exists(Root));
    }
}
