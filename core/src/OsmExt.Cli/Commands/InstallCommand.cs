using System.CommandLine;
using OsmExt.Cli.Clusters;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm install</c>: a mesh's control plane in a cluster.</summary>
internal static class InstallCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var (cluster, chart) = (new ClusterArguments(), new ChartOptions());
        var name = NamespaceCommand.MeshNameOption();
        var single = new Option<bool>("--enforce-single-mesh") { Description = "Be the only mesh of the cluster.", DefaultValueFactory = _ => true };
        var print = new Option<string?>("--print-chart") { Description = "Write this program's chart into a new directory, for other tools, and do nothing else. Default: install it.", HelpName = "DIR" };
        var command = new Command("install",
            "Install a mesh's control plane in a cluster, by helm, and wait until it is ready. What stands in the way is looked for first: permissions, versions, other meshes, definitions of other owners. "
            + "Exit code 2 when something does, 3 when helm is missing.")
        {
            name, single, print,
        };
        cluster.AddTo(command);
        chart.AddTo(command);
        command.SetAction((parsed, cancellation) => ClusterArguments.GuardAsync(async () =>
        {
            if (parsed.GetValue(print) is { } directory)
            {
                return Print(directory);
            }

            if (OsmSettings.Current.IsManaged)
            {
                throw new CommandException($"{OsmSettings.Current.File} says that the mesh is managed (install.kind); whoever manages it installs it", ExitCode.UnusableInput);
            }

            var helm = await chart.HelmAsync(parsed, cluster, cancellation).ConfigureAwait(false);
            using var session = await cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            using var opened = chart.Chart(parsed);
            var mesh = parsed.GetRequiredValue(name);
            string[] values =
            [
                mesh, opened.Path, "--namespace", session.OsmNamespace, .. chart.Values(parsed),
                // Last, so that they count.
                "--set-string", $"osm.meshName={mesh}", "--set", $"osm.enforceSingleMesh={(parsed.GetValue(single) ? "true" : "false")}",
            ];
            await Console.Error.WriteLineAsync($"Looking whether {session.Connection.Name} can take mesh {mesh}.").ConfigureAwait(false);
            var manifests = await helm.RunAsync(["template", .. values, "--include-crds"], "the chart cannot be rendered", cancellation).ConfigureAwait(false);
            var preflight = new Preflight(session, new(session));
            var problems = new List<string>(await preflight.MeshesAsync(mesh, parsed.GetValue(single), cancellation).ConfigureAwait(false));
            problems.AddRange(await preflight.CheckAsync(manifests, "create", cancellation).ConfigureAwait(false));
            if (chart.IsDryRun(parsed))
            {
                Console.Out.Write(manifests);
            }

            if (problems.Count > 0)
            {
                throw new CommandException($"mesh {mesh} cannot be installed:{string.Concat(problems.Select(problem => $"\n  {problem}"))}", ExitCode.UnusableInput);
            }

            if (chart.IsDryRun(parsed))
            {
                return ExitCode.Ok;
            }

            await Console.Error.WriteLineAsync($"Installing mesh {mesh} in namespace {session.OsmNamespace}.").ConfigureAwait(false);
            await Rollout.RunAsync(session, helm, ["install", .. values, "--create-namespace", .. chart.Waiting(parsed, helm)], $"mesh {mesh} is not installed", cancellation).ConfigureAwait(false);
            Console.Out.WriteLine($"Mesh {mesh} is installed in namespace {session.OsmNamespace}. osm namespace add NAMESPACE puts namespaces into it.");
            return ExitCode.Ok;
        }, () => cluster.NameOf(parsed)));
        return command;
    }

    private static int Print(string directory)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new CommandException($"{directory} is not empty; name a new directory", ExitCode.UnusableInput);
        }

        foreach (var (path, text) in HelmChart.Files)
        {
            var target = Path.Join(directory, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, text);
        }

        Console.Out.WriteLine($"The chart is in {directory}.");
        return ExitCode.Ok;
    }
}
