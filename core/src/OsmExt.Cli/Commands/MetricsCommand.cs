using System.CommandLine;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm metrics</c>: whose statistics Prometheus reads.</summary>
internal static class MetricsCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("metrics", "Whose statistics Prometheus reads.")
    {
        Set("enable", "Have Prometheus read the statistics of all sidecars in namespaces, those that are there and those to come.", enabled: true),
        Set("disable", "Have Prometheus no longer read the statistics of the sidecars in namespaces.", enabled: false),
    };

    private static Command Set(string name, string description, bool enabled)
    {
        var namespaces = new Option<string[]>("--namespace", "-n") { Description = "The namespaces, with commas between them or one by one.", Required = true, HelpName = "NAMESPACE,..." };
        var command = new Command(name, description) { namespaces };
        new ClusterArguments().Run(command, async (parsed, session, cancellation) =>
        {
            var names = parsed.GetRequiredValue(namespaces).SelectMany(written => written.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
            foreach (var line in await new NamespaceMembership(session).SetMetricsAsync(names, enabled, cancellation).ConfigureAwait(false))
            {
                Console.Out.WriteLine(line);
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
