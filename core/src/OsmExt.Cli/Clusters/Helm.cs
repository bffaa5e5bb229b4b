using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Clusters;

/// <summary>The program helm, told to use the cluster that this command uses.</summary>
/// <param name="Program">The program.</param>
/// <param name="Version">Its major version.</param>
/// <param name="Cluster">How it is told which cluster.</param>
internal sealed record Helm(string Program, int Version, IReadOnlyList<string> Cluster)
{
    // The first that can keep the values of a release over those of a new chart.
    private static readonly Version Oldest = new(3, 14);

    /// <summary>Whether what it says, and what it is told, is shown.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>The option that takes a failed installation back.</summary>
    public string AtomicOption => Version >= 4 ? "--rollback-on-failure" : "--atomic";

    /// <summary>Finds it.</summary>
    /// <exception cref="CommandException">It is not there, or too old.</exception>
    public static async Task<Helm> FindAsync(string? given, ClusterConnectionOptions cluster, CancellationToken cancellation)
    {
        var program = given ?? "helm";
        var (exitCode, output, _) = await RunAsync(program, ["version", "--template", "{{.Version}}"], null, cancellation).ConfigureAwait(false);
        if (exitCode != 0 || !System.Version.TryParse(output.Trim().TrimStart('v').Split('-', '+')[0], out var version) || version < Oldest)
        {
            throw new CommandException($"{program} says that it is version \"{output.Trim()}\"; helm {Oldest} or newer is needed (https://helm.sh/docs/intro/install)", ExitCode.Missing);
        }

        return new(program, version.Major,
        [
            .. cluster.Kubeconfig is { } kubeconfig ? ["--kubeconfig", kubeconfig] : Array.Empty<string>(),
            .. cluster.Context is { } context ? ["--kube-context", context] : Array.Empty<string>(),
        ]);
    }

    /// <summary>Runs it, and gives what it prints.</summary>
    /// <param name="arguments">What it is told, but for the cluster.</param>
    /// <param name="failure">What could not be done, for people.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandException">It failed; what it said is in the message.</exception>
    public async Task<string> RunAsync(IEnumerable<string> arguments, string failure, CancellationToken cancellation)
    {
        string[] all = [.. arguments, .. Cluster];
        if (IsVerbose)
        {
            await Console.Error.WriteLineAsync($"[debug] {Program} {string.Join(' ', all)}").ConfigureAwait(false);
        }

        var (exitCode, output, errors) = await RunAsync(Program, all, IsVerbose ? Console.Error : null, cancellation).ConfigureAwait(false);
        return exitCode == 0 ? output : throw new CommandException($"{failure}: helm says: {Reason(errors)}");
    }

    // Its last words are the reason; what came before are warnings.
    private static string Reason(string errors)
    {
        var at = errors.LastIndexOf("Error: ", StringComparison.Ordinal);
        return string.Join("; ", (at < 0 ? errors : errors[(at + "Error: ".Length)..]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, TextWriter? shown, CancellationToken cancellation)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        }
        catch (Win32Exception failure)
        {
            throw new CommandException(
                $"{program} cannot be run ({failure.Message}): the control plane is installed by helm. Install helm 3 or 4 (https://helm.sh/docs/intro/install), name it with --helm, "
                + "or install the chart in another way: osm install --print-chart DIR writes it", ExitCode.Missing);
        }

        using (process)
        {
            process.StandardInput.Close();
            var errors = new StringBuilder();
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is not null)
                {
                    errors.Append(line.Data).Append('\n');
                    shown?.WriteLine($"[helm] {line.Data}");
                }
            };
            process.BeginErrorReadLine();
            try
            {
                var output = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
                return (process.ExitCode, output, errors.ToString());
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }
}
