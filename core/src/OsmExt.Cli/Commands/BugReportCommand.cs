using System.CommandLine;
using System.Globalization;
using k8s;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Support;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm support bug-report</c>.</summary>
internal static class BugReportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "Everything: all namespaces of meshes, and ingress. Default: what the other options name." };
        var namespaces = List("--app-namespaces", "Namespaces whose sidecars are looked at, with commas between them.", "NAMESPACE,...");
        var deployments = List("--app-deployments", "Deployments whose sidecars are looked at, with commas between them.", "NAMESPACE/NAME,...");
        var pods = List("--app-pods", "Pods whose sidecars are looked at, with commas between them.", "NAMESPACE/NAME,...");
        var ingress = new Option<bool>("--ingress") { Description = "Also Ingresses and the logs of ingress controllers. Default: without." };
        var file = new Option<string?>("--out-file", "-o") { Description = "The archive to write, .tar.gz. Default: a new file in the directory for temporary files.", HelpName = "FILE" };
        var command = new Command("bug-report",
            "Collect what others need to help: the mesh's objects, the control plane's logs and pages, and of applications what is asked for: events, Services, and their sidecars' logs and configuration. "
            + "Secrets and the values of environment variables are not in it. What cannot be had is listed in its report.txt.")
        {
            all, namespaces, deployments, pods, ingress, file,
        };
        new ClusterArguments().Run(command, async (parsed, session, cancellation) =>
        {
            var path = parsed.GetValue(file) ?? Path.Join(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyyMMddHHmmss}_osm-bug-report.tar.gz"));
            if (!path.EndsWith(".tar.gz", StringComparison.Ordinal) && !path.EndsWith(".tgz", StringComparison.Ordinal))
            {
                throw new CommandException($"{path}: the archive is a .tar.gz; name it so", ExitCode.UnusableInput);
            }

            var wanted = await WantedAsync(session, parsed.GetValue(all), Words(parsed.GetValue(namespaces)), Words(parsed.GetValue(deployments)), Words(parsed.GetValue(pods)), cancellation).ConfigureAwait(false);
            int missing;
            var report = new BugReport(session, Create(path), TimeProvider.System);
            await using (report.ConfigureAwait(false))
            {
                await Console.Error.WriteLineAsync("Collecting the control plane and the mesh's objects.").ConfigureAwait(false);
                await report.AddMeshAsync(cancellation).ConfigureAwait(false);
                foreach (var (ns, names) in wanted)
                {
                    await Console.Error.WriteLineAsync($"Collecting namespace {ns}.").ConfigureAwait(false);
                    await report.AddApplicationsAsync(ns, names, cancellation).ConfigureAwait(false);
                }

                if (parsed.GetValue(all) || parsed.GetValue(ingress))
                {
                    await Console.Error.WriteLineAsync("Collecting ingress.").ConfigureAwait(false);
                    await report.AddIngressAsync(cancellation).ConfigureAwait(false);
                }

                missing = report.Missing;
            }

            Console.Out.WriteLine(path);
            if (missing > 0)
            {
                await Console.Error.WriteLineAsync($"{missing} things could not be had; report.txt in the archive says why.").ConfigureAwait(false);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<IReadOnlyList<(string Namespace, IReadOnlyList<string> Pods)>> WantedAsync(
        ClusterSession session, bool all, string[] namespaces, string[] deployments, string[] pods, CancellationToken cancellation)
    {
        var wanted = new SortedDictionary<string, List<string>?>(StringComparer.Ordinal);
        foreach (var ns in all ? (await session.Api.CoreV1.ListNamespaceAsync(labelSelector: MeshNames.MonitoredBy, cancellationToken: cancellation).ConfigureAwait(false)).Items.Select(ns => ns.Metadata.Name) : namespaces)
        {
            wanted[ns] = null;
        }

        var named = pods.Select(pod => PodNameArgument.Full(pod, "default").Split('/')).Select(parts => (Namespace: parts[0], Name: parts[1])).ToList();
        foreach (var parts in deployments.Select(name => PodNameArgument.Full(name, "default").Split('/')))
        {
            var deployment = await session.Api.AppsV1.ReadNamespacedDeploymentAsync(parts[1], parts[0], cancellationToken: cancellation).ConfigureAwait(false);
            var selector = string.Join(',', deployment.Spec.Selector.MatchLabels.Select(label => $"{label.Key}={label.Value}"));
            named.AddRange((await session.Api.CoreV1.ListNamespacedPodAsync(parts[0], labelSelector: selector, cancellationToken: cancellation).ConfigureAwait(false)).Items.Select(pod => (parts[0], pod.Metadata.Name)));
        }

        foreach (var (ns, name) in named)
        {
            if (!wanted.TryGetValue(ns, out var list))
            {
                wanted[ns] = list = [];
            }

            list?.Add(name);
        }

        return [.. wanted.Select(entry => (entry.Key, (IReadOnlyList<string>)(entry.Value ?? [])))];
    }

    private static FileStream Create(string path)
    {
        try
        {
            return File.Create(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be written: {failure.Message}", ExitCode.UnusableInput);
        }
    }

    private static Option<string[]> List(string name, string description, string help) => new(name) { Description = $"{description} Default: none.", HelpName = help };

    private static string[] Words(string[]? written) => [.. (written ?? []).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
