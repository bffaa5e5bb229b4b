using System.Collections;
using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using OsmExt.DataPlane;
using OsmExt.DataPlane.Entry;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm proxy run</c>: one sidecar without Envoy.</summary>
internal static class ProxyCommand
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("proxy", "The sidecars of a running mesh, and a sidecar without Envoy.")
    {
        ProxyListCommand.CreateList(), ProxyListCommand.CreateStatus(), ProxyAdminCommand.CreateGet(), ProxyAdminCommand.CreateSet(), CreateRun(),
    };

    private static Command CreateRun()
    {
        var bootstrap = new Option<string>("--config", "-c") { Description = "The bootstrap, as osm bootstrap prints it.", Required = true, HelpName = "FILE" };
        var admin = new Option<IPEndPoint?>("--admin-address")
        {
            Description = "Where the admin endpoint listens. Keep it on loopback. Default: as the bootstrap says.",
            CustomParser = Endpoint.Parse,
            HelpName = "ADDRESS:PORT",
        };
        var bind = new Option<IPAddress?>("--bind-address")
        {
            Description = "Where listeners for all addresses are bound, so that several sidecars fit on one machine. Default: all addresses.",
            CustomParser = result => IPAddress.TryParse(result.Tokens.Single().Value, out var address) ? address : Refuse(result),
            HelpName = "ADDRESS",
        };
        var network = new Option<string?>("--network")
        {
            Description = "Where pods are on this machine when they are loopback addresses, as osm local up writes it; the sidecar then has an entry for its applications. "
                + "Default: none, pods have networks of their own.",
            HelpName = "FILE",
        };
        var patience = new Option<TimeSpan>("--drain-time")
        {
            Description = "How long connections may go on after SIGINT or SIGTERM, while nothing new is let in.",
            DefaultValueFactory = _ => DefaultPatience,
            HelpName = "H:MM:SS",
        };
        var verbosity = new Option<LogLevel>("--verbosity", "-v") { Description = "The least important lines that are logged.", DefaultValueFactory = _ => LogLevel.Information };
        var run = new Command("run", "Run one sidecar until SIGINT or SIGTERM, as envoy -c does. Access logs go to standard output, its own log to standard error as JSON.")
        {
            bootstrap, admin, bind, network, patience, verbosity,
        };
        run.SetAction((parsed, stop) => RunAsync(
            parsed.GetRequiredValue(bootstrap), parsed.GetValue(admin), parsed.GetValue(bind), parsed.GetValue(network), parsed.GetValue(patience), parsed.GetValue(verbosity), stop));
        return run;
    }

    private static async Task<int> RunAsync(string config, IPEndPoint? admin, IPAddress? bind, string? network, TimeSpan patience, LogLevel verbosity, CancellationToken stop)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(config, stop).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"osm: {config} cannot be read: {failure.Message}").ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        using var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(verbosity).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Yarp", LogLevel.Error)
            .AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"))
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        try
        {
            var options = new EmbeddedProxyOptions
            {
                Bootstrap = text,
                Admin = admin,
                Traffic = new() { BindAddress = bind },
                Environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                    .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal),
                Hostname = Environment.MachineName,
                Output = Console.Out,
                Error = Console.Error,
                Logs = logs,
            };
            if (network is not null)
            {
                var file = new NetworkFile(network);
                await using var sidecar = await LoopbackSidecar.StartAsync(options, () => file.Current, stop).ConfigureAwait(false);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await sidecar.DrainAsync(CancellationToken.None).ConfigureAwait(false);
                await sidecar.Proxy.UntilIdleAsync(patience).ConfigureAwait(false);
                return ExitCode.Ok;
            }

            await using var proxy = await EmbeddedProxy.StartAsync(options, stop).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await proxy.DrainAsync(CancellationToken.None).ConfigureAwait(false);
            await proxy.UntilIdleAsync(patience).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (BootstrapException failure)
        {
            foreach (var problem in failure.Problems)
            {
                await Console.Error.WriteLineAsync($"osm: {config}: {problem}").ConfigureAwait(false);
            }

            return ExitCode.UnusableInput;
        }
        catch (FormatException failure)
        {
            await Console.Error.WriteLineAsync($"osm: {failure.Message}").ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"osm: the sidecar cannot listen: {failure.Message}; give its admin endpoint another address with --admin-address").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static IPAddress? Refuse(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"\"{result.Tokens[0].Value}\" is no IP address");
        return null;
    }
}
