using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm version</c>: of this program, and of the control planes of a cluster.</summary>
internal static class VersionCommand
{
    /// <summary>The program's version.</summary>
    public static string Current { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var (cluster, output) = (new ClusterArguments(), new OutputOption());
        var client = new Option<bool>("--client-only") { Description = "This program's version only. Default: also those of the control planes, where a cluster is known." };
        var command = new Command("version", "Print the version of this program and, where a cluster is known, of the control planes in it. Exit code 1 when the cluster does not say theirs.") { client };
        cluster.AddTo(command);
        output.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            var parts = Current.Split('+', 2);
            var document = new JsonObject { ["client"] = new JsonObject { ["version"] = parts[0], ["commit"] = parts.ElementAtOrDefault(1) } };
            if (parsed.GetValue(client) || !ClusterConnection.IsThere(cluster.Wanted(parsed)))
            {
                Console.Out.Write(output.Format(parsed, document, () => $"{Current}\n"));
                return ExitCode.Ok;
            }

            // What is known without the cluster is said even when it does not answer.
            if (output.IsTable(parsed))
            {
                Console.Out.WriteLine(Current);
            }

            using var session = await cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var rows = new List<JsonObject>();
            foreach (var mesh in await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false))
            {
                var page = await ControlPlanePage.TryReadAsync(session, mesh.Namespace, "version", cancellation).ConfigureAwait(false);
                rows.Add(new()
                {
                    ["name"] = mesh.Name, ["namespace"] = mesh.Namespace, ["version"] = (string?)page?["version"] ?? (mesh.Version.Length > 0 ? $"{mesh.Version} (by its label)" : "Unknown"), ["commit"] = (string?)page?["commit"],
                });
            }

            document["meshes"] = new JsonArray([.. rows]);
            Console.Out.Write(output.Format(parsed, document, () => rows.Count == 0 ? $"There is no control plane in {session.Connection.Name}.\n"
                : "\n" + OutputOption.Table([["MESH NAME", "MESH NAMESPACE", "VERSION", "COMMIT"], .. rows.Select(row => row.Select(field => OutputOption.Cell(field.Value)).ToArray())])));
            return ExitCode.Ok;
        }, () => cluster.NameOf(parsed)));
        return command;
    }
}
