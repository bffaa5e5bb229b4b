using System.CommandLine;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.Yaml;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm env</c>: what other commands would work with.</summary>
internal static class EnvCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var cluster = new ClusterArguments();
        var command = new Command("env", "Print what other commands work with when no options say otherwise, as YAML: this user's settings, and the cluster. Credentials are not in it.");
        cluster.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            var settings = OsmSettings.Current;
            var document = new JsonObject
            {
                ["config"] = File.Exists(settings.File) ? settings.File : $"{settings.File} (not there)",
                ["install"] = new JsonObject
                {
                    ["kind"] = settings.IsManaged ? "managed" : "self-hosted", ["distribution"] = settings.Distribution, ["namespace"] = parsed.GetRequiredValue(cluster.OsmNamespace),
                },
            };
            if (ClusterConnection.IsThere(cluster.Wanted(parsed)))
            {
                var connection = await ClusterConnection.FindAsync(cluster.Wanted(parsed), cancellation).ConfigureAwait(false);
                document["cluster"] = new JsonObject { ["context"] = connection.Context, ["server"] = connection.Configuration.Host, ["namespace"] = connection.Namespace };
            }

            Console.Out.Write($"---\n{YamlWriter.Write(document)}");
            return ExitCode.Ok;
        }, () => cluster.NameOf(parsed)));
        return command;
    }
}
