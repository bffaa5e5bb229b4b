using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using OsmExt.Cli.Agent;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm agent</c>: what runs beside Envoy in a pod that was injected.</summary>
internal static class AgentCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "End when there is a credential. Default: stay and renew it." };
        var token = new Option<string>("--token-file") { Description = "The token that proves which pod asks.", DefaultValueFactory = _ => WellKnown.TokenFile, HelpName = "FILE" };
        var directory = new Option<string>("--directory") { Description = "Where Envoy's bootstrap and credentials are written.", DefaultValueFactory = _ => WellKnown.BootstrapDirectory, HelpName = "DIR" };
        var address = new Option<IPEndPoint>("--address")
        {
            Description = "Where the node asks whether Envoy can be started and is ready.", DefaultValueFactory = _ => new(IPAddress.Any, WellKnown.AgentPort), CustomParser = Endpoint.Parse!, HelpName = "ADDRESS:PORT",
        };
        var command = new Command("agent", "Get the credentials of a pod's sidecar and renew them. Runs in pods that were injected, which tell it what it needs to know in the environment.")
        {
            once, token, directory, address,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(once), parsed.GetRequiredValue(token), parsed.GetRequiredValue(directory), parsed.GetRequiredValue(address), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool once, string token, string directory, IPEndPoint address, CancellationToken cancellation)
    {
        var (controller, issuer, roots) = (Variable(WellKnown.Variables.Controller), Variable(WellKnown.Variables.Issuer), Variable(WellKnown.Variables.Roots));
        if (HostPort(controller) is not { } control || HostPort(issuer) is not { } issues || roots.Length == 0)
        {
            await Console.Error.WriteLineAsync($"osm: {WellKnown.Variables.Controller}, {WellKnown.Variables.Issuer} (HOST:PORT) and {WellKnown.Variables.Roots} (PEM) must be set; injection sets them")
                .ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        var options = new AgentOptions
        {
            Controller = control, Issuer = issues, Roots = roots, TokenFile = token, Directory = directory, Probes = Variable(WellKnown.Variables.Probes),
        };
        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true));
        using var client = new IssuerClient(options);
        var agent = new SidecarAgent(options, client, TimeProvider.System, logging.CreateLogger("agent"));
        try
        {
            if (once)
            {
                await agent.StartAsync(cancellation).ConfigureAwait(false);
                return ExitCode.Ok;
            }

            using var envoy = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
            await using var endpoint = AgentEndpoint.Create(address, agent, options, envoy);
            await endpoint.StartAsync(cancellation).ConfigureAwait(false);
            await agent.RunAsync(cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"osm: {failure.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static DnsEndPoint? HostPort(string text)
        => text.LastIndexOf(':') is > 0 and var colon && int.TryParse(text[(colon + 1)..], out var port) && port is > 0 and <= ushort.MaxValue ? new(text[..colon], port) : null;
}
