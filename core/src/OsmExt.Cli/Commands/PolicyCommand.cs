using System.CommandLine;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Comparison;
using OsmExt.Cli.Simulation;
using OsmExt.Compiler;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm policy</c>: what a cluster's policy means.</summary>
internal static class PolicyCommand
{
    private const int MostConflicts = 200;

    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("policy", "What a cluster's policy means.") { CheckPods(), CheckConflicts() };

    private static Command CheckPods()
    {
        var source = new Argument<string>("SOURCE") { Description = "The pod that asks: NAMESPACE/POD, or POD in the namespace default." };
        var destination = new Argument<string>("DESTINATION") { Description = "The pod that is asked: NAMESPACE/POD, or POD in the namespace default." };
        var (cluster, plugins, output) = (new ClusterArguments(), new PluginOptions(), new OutputOption());
        var command = new Command("check-pods",
            "Say whether a pod may talk to another by the Services that have it, by what the mesh's objects in the cluster mean, with the reason that osm why gives. Requests that the rules tell apart are decided one by one. "
            + "Exit code 0: it may, at least some of it; 1: it may not; 2: the pods cannot be judged; 4: undecided.")
        {
            source, destination,
        };
        plugins.AddTo(command);
        output.AddTo(command);
        cluster.Run(command, async (parsed, session, cancellation) =>
        {
            var (from, to) = (PodNameArgument.Full(parsed.GetRequiredValue(source), "default"), PodNameArgument.Full(parsed.GetRequiredValue(destination), "default"));
            var policy = await ReadAsync(session, plugins.Load(parsed), plugins.MeshName(parsed), cancellation).ConfigureAwait(false);
            foreach (var pod in (string[])[from, to])
            {
                if (PodArgument.Find(pod, policy.Mesh.Proxies) is null)
                {
                    throw new CommandException($"{PodArgument.Explain(pod, policy.Mesh.Proxies, policy.Mesh.Diagnostics)}; the rules of the mesh are for pods with sidecars", ExitCode.UnusableInput);
                }
            }

            var decided = policy.Requests(from, to).Select(request => (Request: request, Decision: policy.Decide(request))).ToArray();
            if (decided.Length == 0)
            {
                throw new CommandException($"no Service has pod {to}, so that nobody can ask it for anything in the mesh", ExitCode.UnusableInput);
            }

            Console.Out.Write(output.Format(parsed, policy.Documents(decided), () => Text(policy, decided)));
            return decided.Any(entry => entry.Decision.Verdict == Verdict.Allow) ? ExitCode.Ok : decided.Any(entry => entry.Decision.Verdict == Verdict.Undecided) ? ExitCode.Undecided : ExitCode.Denied;
        });
        return command;
    }

    private static Command CheckConflicts()
    {
        var kind = new Argument<string>("KIND") { Description = "The kind, in any letter case: IngressBackend, TrafficSplit, Retry and others." };
        var ns = new Option<string>("--namespace", "-n") { Description = "The namespace.", Required = true, HelpName = "NAMESPACE" };
        ns.Aliases.Add("--namespaces");
        var (cluster, plugins, output) = (new ClusterArguments(), new PluginOptions(), new OutputOption());
        var command = new Command("check-conflicts", "Say which objects of a kind in a namespace claim the same thing, and which of them counts. Exit code 1 when some do.") { kind, ns };
        plugins.AddTo(command);
        output.AddTo(command);
        cluster.Run(command, async (parsed, session, cancellation) =>
        {
            var (wanted, where) = (parsed.GetRequiredValue(kind), parsed.GetRequiredValue(ns));
            string[] found;
            if (string.Equals(wanted, "IngressBackend", StringComparison.OrdinalIgnoreCase))
            {
                found = BackendConflicts(await new ClusterKinds(session).ListAsync($"{MeshNames.PolicyGroup}/v1alpha1", "IngressBackend", cancellation, where).ConfigureAwait(false));
            }
            else
            {
                var policy = await ReadAsync(session, plugins.Load(parsed), plugins.MeshName(parsed), cancellation).ConfigureAwait(false);
                found = [.. policy.Mesh.Diagnostics.Where(finding => finding.Code is DiagnosticCodes.Conflict or DiagnosticCodes.ContributionConflict && finding.Object is { } key
                    && string.Equals(key.Kind, wanted, StringComparison.OrdinalIgnoreCase) && key.Namespace == where).Select(finding => finding.ToString())];
            }

            Console.Out.Write(output.Format(parsed, new JsonArray([.. found.Select(text => (JsonNode)text)]), () => found.Length == 0
                ? $"No objects of kind {wanted} in namespace {where} claim the same thing.\n" : string.Concat(found.Take(MostConflicts).Select(text => $"{text}\n"))));
            return found.Length == 0 ? ExitCode.Ok : ExitCode.Differs;
        });
        return command;
    }

    /// <summary>Reads a cluster's policy.</summary>
    public static async Task<PodPolicy> ReadAsync(ClusterSession session, PluginSet plugins, string mesh, CancellationToken cancellation)
    {
        var snapshot = await ClusterSnapshot.ReadAsync(session, plugins, cancellation).ConfigureAwait(false);
        var compiled = OfflineMesh.Compile(snapshot, new() { MeshName = mesh, OsmNamespace = session.OsmNamespace, OnlyInjected = true }, plugins.Contribute);
        return new(snapshot, compiled, CompiledMesh.From(snapshot, compiled));
    }

    private static string Text(PodPolicy policy, IReadOnlyList<(RequestText Request, Decision Decision)> decided)
    {
        var text = new System.Text.StringBuilder();
        foreach (var port in decided.GroupBy(entry => (entry.Request.Host, entry.Request.Port)))
        {
            foreach (var alike in port.GroupBy(entry => (entry.Decision.Verdict, Why: policy.Why(entry.Request, entry.Decision))))
            {
                text.Append(DecisionDocument.Word(alike.Key.Verdict).ToUpperInvariant()).Append("  ").Append(alike.Key.Why).Append('\n');
                foreach (var entry in alike.Where(_ => port.Select(each => each.Decision.Verdict).Distinct().Count() > 1))
                {
                    text.Append("         ").Append(RequestLine.Of(entry.Request)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    private static string[] BackendConflicts(IReadOnlyList<JsonNode> objects)
    {
        var claims = from item in objects
                     orderby $"{item["metadata"]!["creationTimestamp"]}", $"{item["metadata"]!["name"]}"
                     from backend in item["spec"]?["backends"]?.AsArray() ?? []
                     group $"{item["metadata"]!["name"]}" by (Service: $"{backend!["name"]}", Port: $"{backend["port"]?["number"]}");
        return [.. claims.Where(claim => claim.Distinct().Count() > 1).Select(claim =>
            $"Service {claim.Key.Service} port {claim.Key.Port}: IngressBackends {string.Join(", ", claim.Distinct())} all have it as a backend; put its sources into one of them")];
    }
}
