using System.CommandLine;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm mesh</c>: the meshes of a cluster.</summary>
internal static class MeshCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("mesh", "The meshes of a cluster.") { List(), CreateUpgrade() };

    /// <summary><c>osm upgrade</c>, which is <c>osm mesh upgrade</c> too.</summary>
    public static Command CreateUpgrade()
    {
        var (cluster, chart) = (new ClusterArguments(), new ChartOptions());
        var name = NamespaceCommand.MeshNameOption();
        var reset = new Option<bool>("--reset-values") { Description = "Forget the values that were set before. Default: keep them, over the new chart's." };
        var command = new Command("upgrade",
            "Bring a mesh's control plane to this program's version, with the values it was installed with and those given now, and wait until it is ready. Definitions of kinds are brought up to date first. "
            + "Exit code 2 when something stands in the way, 3 when helm is missing.")
        {
            name, reset,
        };
        cluster.AddTo(command);
        chart.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            if (OsmSettings.Current.IsManaged)
            {
                throw new CommandException($"{OsmSettings.Current.File} says that the mesh is managed (install.kind); whoever manages it upgrades it", ExitCode.UnusableInput);
            }

            var helm = await chart.HelmAsync(parsed, cluster, cancellation).ConfigureAwait(false);
            using var connected = await cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var mesh = await ClusterMesh.FindAsync(connected, parsed.GetRequiredValue(name), cancellation).ConfigureAwait(false);
            var session = connected with { OsmNamespace = mesh.Namespace };
            using var opened = chart.Chart(parsed);
            string[] values = [mesh.Name, opened.Path, "--namespace", mesh.Namespace, .. chart.Values(parsed), "--set-string", $"osm.meshName={mesh.Name}"];
            string[] keeping = [parsed.GetValue(reset) ? "--reset-values" : "--reset-then-reuse-values"];
            var definitions = await helm.RunAsync(["show", "crds", opened.Path], "the chart's definitions cannot be read", cancellation).ConfigureAwait(false);
            var kinds = new ClusterKinds(session);
            var problems = await new Preflight(session, kinds).CheckAsync(definitions, "patch", cancellation).ConfigureAwait(false);
            var planned = await helm.RunAsync(["upgrade", .. values, .. keeping, helm.Version >= 4 ? "--dry-run=server" : "--dry-run"], $"mesh {mesh.Name} cannot be upgraded", cancellation).ConfigureAwait(false);
            if (chart.IsDryRun(parsed))
            {
                Console.Out.Write(planned);
            }

            if (problems.Count > 0)
            {
                throw new CommandException($"mesh {mesh.Name} cannot be upgraded:{string.Concat(problems.Select(problem => $"\n  {problem}"))}", ExitCode.UnusableInput);
            }

            if (chart.IsDryRun(parsed))
            {
                return ExitCode.Ok;
            }

            await Console.Error.WriteLineAsync($"Bringing the definitions of {session.Connection.Name} up to date.").ConfigureAwait(false);
            await Definitions.ApplyAsync(kinds, definitions, cancellation).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"Upgrading mesh {mesh.Name} in namespace {mesh.Namespace}.").ConfigureAwait(false);
            await Rollout.RunAsync(session, helm, ["upgrade", .. values, .. keeping, .. chart.Waiting(parsed, helm)], $"mesh {mesh.Name} is not upgraded", cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"Mesh {mesh.Name} in namespace {mesh.Namespace} is upgraded. Sidecars keep running as they are until their pods are restarted.");
            return ExitCode.Ok;
        }, () => cluster.NameOf(parsed)));
        return command;
    }

    private static Command List()
    {
        var output = new OutputOption();
        var command = new Command("list", "List the meshes of a cluster: where their control planes are, which namespaces they have, and the SMI versions they read.");
        output.AddTo(command);
        new ClusterArguments().Run(command, async (parsed, session, cancellation) =>
        {
            var rows = new List<JsonObject>();
            foreach (var mesh in await ClusterMesh.AllAsync(session, cancellation).ConfigureAwait(false))
            {
                rows.Add(new()
                {
                    ["name"] = mesh.Name, ["namespace"] = mesh.Namespace, ["version"] = mesh.Version.Length == 0 ? "Unknown" : mesh.Version,
                    ["addedNamespaces"] = new JsonArray([.. (await mesh.NamespacesAsync(session, cancellation).ConfigureAwait(false)).Select(ns => (JsonNode)ns)]),
                    ["smiSupported"] = await SmiAsync(session, mesh, cancellation).ConfigureAwait(false),
                });
            }

            if (rows.Count == 0)
            {
                await Console.Error.WriteLineAsync($"There is no mesh in {session.Connection.Name}; osm install makes one.").ConfigureAwait(false);
            }

            Console.Out.Write(output.Format(parsed, rows, "MESH NAME", "MESH NAMESPACE", "VERSION", "ADDED NAMESPACES", "SMI SUPPORTED"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<JsonArray?> SmiAsync(ClusterSession session, ClusterMesh mesh, CancellationToken cancellation)
    {
        var answers = await ControlPlanePage.TryReadAsync(session, mesh.Namespace, "smi/version", cancellation).ConfigureAwait(false);
        return answers is null ? null : new([.. answers.AsObject().Select(entry => (JsonNode)$"{entry.Key}:{$"{entry.Value}".Split('/')[^1]}").OrderBy(text => $"{text}", StringComparer.Ordinal)]);
    }
}
