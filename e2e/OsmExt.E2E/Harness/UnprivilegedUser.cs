using System.Globalization;

namespace OsmExt.E2E;

/// <summary>A user without any privilege, whose home is a directory of a test's: where the tests run as root that is nobody, else who runs them.</summary>
internal sealed class UnprivilegedUser(string directory)
{
    private const string Nobody = "65534";

    public static string Id { get; } = Of(Environment.ProcessId) == "0" ? Nobody : Of(Environment.ProcessId);

    public static string Of(int process)
        => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t', StringSplitOptions.RemoveEmptyEntries)[1];

    public async Task GiveDirectoryAsync()
    {
        if (Of(Environment.ProcessId) == "0")
        {
            var given = await Shell.RunAsync("chown", ["-R", $"{Nobody}:{Nobody}", directory]);
            Assert.True(given.ExitCode == 0, given.ToString());
        }
    }

    public Task<ShellResult> OsmAsync(params string[] arguments) => RunAsync(Checkout.Osm, arguments);

    // Everything it keeps is in its own directory.
    public Task<ShellResult> RunAsync(string program, string[] arguments, string input = "")
    {
        string[] command = ["env", $"HOME={directory}", $"XDG_STATE_HOME={Path.Join(directory, "state")}", program, .. arguments];
        return Of(Environment.ProcessId) == "0"
            ? Shell.RunAsync("setpriv", [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--no-new-privs", "--bounding-set=-all", .. command], input, seconds: 180)
            : Shell.RunAsync(command[0], command[1..], input, seconds: 180);
    }
}
