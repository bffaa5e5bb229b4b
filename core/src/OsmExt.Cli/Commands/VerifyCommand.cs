using System.CommandLine;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Verification;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm verify</c>: whether a mesh in a cluster works, and what is in the way.</summary>
internal static class VerifyCommand
{
    private const string ExitCodes = "Exit code 0: it works; 1: it does not; 4: it cannot be told.";

    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("verify", "Whether a mesh in a cluster works, and what is in the way.") { Connectivity(), Health(), Ingress() };

    private static Command Connectivity()
    {
        var from = PodOption("--from-pod", "The pod that asks.", required: true);
        var to = PodOption("--to-pod", "The pod that is asked. Default: none, see --to-ext-port.", required: false);
        var service = new Option<string?>("--to-service") { Description = "The Service by which it is asked, in its own namespace. Default: none; needed with --to-pod.", HelpName = "NAME" };
        var port = new Option<int?>("--to-ext-port") { Description = "A port outside the mesh, instead of a pod. Default: none.", HelpName = "PORT" };
        var host = new Option<string>("--to-ext-host") { Description = "The host outside the mesh, a name or an address.", DefaultValueFactory = _ => "192.0.2.1", HelpName = "HOST" };
        var protocol = new Option<string>("--app-protocol") { Description = "What is spoken: http, grpc or tcp.", DefaultValueFactory = _ => "http" };
        protocol.AcceptOnlyFromAmong("http", "grpc", "tcp");
        var command = new Command("connectivity",
            "Say whether a pod gets through to another, or out of the mesh: namespaces, sidecars, whether they have what is meant for them, and whether what they really run lets the request pass. " + ExitCodes)
        {
            from, to, service, port, host, protocol,
        };
        command.Validators.Add(result =>
        {
            var (hasPod, hasPort) = (result.GetResult(to) is not null, result.GetResult(port) is not null);
            if (hasPod == hasPort)
            {
                result.AddError(hasPod ? "--to-pod and --to-ext-port name two destinations; give one of them" : "name a destination: --to-pod and --to-service, or --to-ext-port");
            }
            else if (hasPod && result.GetResult(service) is null)
            {
                result.AddError("--to-pod needs --to-service, since pods are reached by Services");
            }
        });
        Run(command, async (parsed, session, mesh, policy, cancellation) =>
        {
            var checks = new ConnectivityChecks(session, mesh, policy);
            var source = PodNameArgument.Full(parsed.GetRequiredValue(from)!, "default");
            var spoken = RequestOptions.Protocol(parsed.GetRequiredValue(protocol));
            return parsed.GetValue(to) is { } pod ? await checks.ToPodAsync(source, PodNameArgument.Full(pod, "default"), parsed.GetValue(service)!, spoken, cancellation).ConfigureAwait(false)
                : await checks.ToOutsideAsync(source, parsed.GetRequiredValue(host), parsed.GetValue(port)!.Value, spoken, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Health()
    {
        var output = new OutputOption();
        var command = new Command("control-plane-health", "Say whether the control plane works: its pods, their health pages, its settings, definitions and webhooks. " + ExitCodes);
        output.AddTo(command);
        new ClusterArguments().Run(command, async (parsed, session, cancellation) => Print(parsed, output, await new ControlPlaneChecks(session).AllAsync(cancellation).ConfigureAwait(false)));
        return command;
    }

    private static Command Ingress()
    {
        var from = PodOption("--from-service", "The ingress controller's Service.", required: true);
        var to = PodOption("--to-pod", "The pod.", required: true);
        var service = new Option<string>("--to-service") { Description = "The pod's Service, in its namespace.", Required = true, HelpName = "NAME" };
        var backend = new Option<string>("--ingress-backend") { Description = "The IngressBackend, in the pod's namespace.", Required = true, HelpName = "NAME" };
        var port = new Option<int>("--to-port") { Description = "The pod's port.", Required = true, HelpName = "PORT" };
        var protocol = new Option<string>("--app-protocol") { Description = "What the IngressBackend says is spoken: http or https.", DefaultValueFactory = _ => "http" };
        protocol.AcceptOnlyFromAmong("http", "https");
        var command = new Command("ingress", "Say whether an ingress controller gets through to a pod: namespaces, sidecars, the IngressBackend, and whether what the pod's sidecar really runs lets it in. " + ExitCodes)
        {
            from, to, service, backend, port, protocol,
        };
        Run(command, (parsed, session, mesh, policy, cancellation) => new IngressChecks(session, mesh, policy).AllAsync(
            new(PodNameArgument.Full(parsed.GetRequiredValue(from)!, "default"), PodNameArgument.Full(parsed.GetRequiredValue(to)!, "default"), parsed.GetRequiredValue(service),
                parsed.GetRequiredValue(backend), parsed.GetRequiredValue(port), parsed.GetRequiredValue(protocol)), cancellation));
        return command;
    }

    private static void Run(Command command, Func<ParseResult, ClusterSession, string, PodPolicy, CancellationToken, Task<Check>> check)
    {
        var (plugins, output) = (new PluginOptions(), new OutputOption());
        plugins.AddTo(command);
        output.AddTo(command);
        new ClusterArguments().Run(command, async (parsed, session, cancellation) =>
        {
            var policy = await PolicyCommand.ReadAsync(session, plugins.Load(parsed), plugins.MeshName(parsed), cancellation).ConfigureAwait(false);
            return Print(parsed, output, await check(parsed, session, plugins.MeshName(parsed), policy, cancellation).ConfigureAwait(false));
        });
    }

    private static int Print(ParseResult parsed, OutputOption output, Check check)
    {
        Console.Out.Write(output.Format(parsed, check.ToJson(), () => check.ToText(isColored: !Console.IsOutputRedirected)));
        return check.Status switch { CheckStatus.Success => ExitCode.Ok, CheckStatus.Failure => ExitCode.Failed, _ => ExitCode.Undecided };
    }

    private static Option<string?> PodOption(string name, string description, bool required) => new(name) { Description = description, Required = required, HelpName = "NAMESPACE/NAME" };
}
