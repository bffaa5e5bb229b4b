using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.ControlPlane;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Options;
using OsmExt.Identity;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm run</c>: the control plane.</summary>
internal static class RunCommand
{
    /// <summary>Value of <c>--certificate-key</c>.</summary>
    public const string Ecdsa = "ecdsa";

    /// <summary>Value of <c>--certificate-key</c>.</summary>
    public const string Rsa = "rsa";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var defaults = new ControlPlaneOptions();
        var mesh = new MeshOptions();
        (mesh.Config.Required, mesh.Config.Description) = (false, "Directory or file of Kubernetes manifests. May be given several times. Default: none, and then --kubernetes is needed.");
        var cluster = new RunOnCluster();
        var state = StateOption();
        var xds = Address("--xds-address", "Where proxies connect, over mutual TLS.", defaults.XdsAddress);
        var http = Address("--http-address", "Health, version and metrics.", defaults.HttpAddress);
        var debug = Address("--debug-address", "What proxies have: /debug/proxies, /debug/config/NAMESPACE/POD, /debug/diagnostics. Keep it on loopback.", defaults.DebugAddress);
        var shortest = ShortestValidityOption();
        var key = CertificateKeyOption();
        var record = new Option<string?>("--record")
        {
            Description = "Directory to write what every proxy is sent into, as NAMESPACE.POD.jsonl, keys redacted; osm simulate --stream reads it. Default: none.",
            HelpName = "DIR",
        };
        var readers = new Option<string[]>("--status-reader")
        {
            Description = "Service account whose proxies may ask on the xDS port what every proxy has, by the client status discovery service; may be given several times. Default: none, and proxies are told of themselves only.",
            HelpName = "NAMESPACE/NAME",
        };
        var otlp = new Option<Uri?>("--otlp-endpoint")
        {
            Description = "Collector that traces of changes are sent to, by OTLP over gRPC, or over HTTP where the port is 4318. Default: OTEL_EXPORTER_OTLP_ENDPOINT; without it there are no traces.",
            CustomParser = Endpoint.ParseUrl, HelpName = "URL",
        };
        var verbosity = new Option<LogLevel>("--verbosity", "-v") { Description = "The least important lines that are logged.", DefaultValueFactory = _ => LogLevel.Information };

        var command = new Command("run", "Run the control plane on a directory of manifests or on a cluster, until SIGINT or SIGTERM. Logs go to standard output as JSON.")
        {
            state, xds, http, debug, shortest, key, record, readers, otlp, verbosity,
        };
        mesh.AddTo(command);
        cluster.AddTo(command, mesh.Config);
        command.SetAction((parsed, cancellation) => RunAsync(
            cluster, parsed, options =>
            {
                options.Config = parsed.GetValue(mesh.Config) ?? [];
                options.StateDirectory = parsed.GetRequiredValue(state);
                options.XdsAddress = parsed.GetRequiredValue(xds);
                options.HttpAddress = parsed.GetRequiredValue(http);
                options.DebugAddress = parsed.GetRequiredValue(debug);
                options.RecordDirectory = parsed.GetValue(record);
                options.StatusReaders = parsed.GetValue(readers) ?? [];
                options.OtlpEndpoint = parsed.GetValue(otlp);
                options.ShortestCertificateValidity = parsed.GetRequiredValue(shortest);
                (options.Plugins, options.PluginPolicy) = (parsed.GetValue(mesh.Plugins), parsed.GetValue(mesh.PluginPolicy));
            },
            mesh.Compiler(parsed) with { RsaCertificates = parsed.GetValue(key) == Rsa }, parsed.GetValue(verbosity), cancellation));
        return command;
    }

    /// <summary>Where the certificate authority lives.</summary>
    public static Option<string> StateOption() => new("--state")
    {
        Description = "Directory that keeps the certificate authority between runs. Created when missing; readable by its owner only.",
        DefaultValueFactory = _ => ".osm",
        HelpName = "DIR",
    };

    /// <summary>How short certificates may live.</summary>
    public static Option<TimeSpan> ShortestValidityOption() => new("--shortest-certificate-validity")
    {
        Description = "A serviceCertValidityDuration in MeshConfig that is shorter counts as this. Less than the default is for watching certificates rotate.",
        DefaultValueFactory = _ => new ControlPlaneOptions().ShortestCertificateValidity,
        HelpName = "H:MM:SS",
    };

    /// <summary>What kind of key workloads get.</summary>
    public static Option<string> CertificateKeyOption()
    {
        var option = new Option<string>("--certificate-key")
        {
            Description = "Kind of key in workload certificates: ecdsa (P-256), or rsa of the size that certKeyBitSize in MeshConfig says.",
            DefaultValueFactory = _ => Ecdsa,
        };
        option.AcceptOnlyFromAmong(Ecdsa, Rsa);
        return option;
    }

    private static async Task<int> RunAsync(RunOnCluster cluster, ParseResult parsed, Action<ControlPlaneOptions> configure, Compiler.CompilerOptions compiler, LogLevel verbosity, CancellationToken cancellation)
    {
        var options = new ControlPlaneOptions();
        configure(options);
        if (options.Config.FirstOrDefault(path => !Path.Exists(path)) is { } absent)
        {
            await Console.Error.WriteLineAsync($"osm: there is no {absent} to read manifests from; create it first").ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        if (options.Plugins is { } plugins && !Directory.Exists(plugins))
        {
            await Console.Error.WriteLineAsync($"osm: there is no directory {plugins} to read plugins from; create it first").ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        try
        {
            if (await cluster.FindAsync(parsed, cancellation).ConfigureAwait(false) is { } found)
            {
                await using var replica = ClusterControlPlane.Create(configure, compiler, found, builder => builder.Logging.SetMinimumLevel(verbosity));
                await ClusterControlPlane.ServeAsync(replica, cancellation).ConfigureAwait(false);
                return ExitCode.Ok;
            }

            await using var host = ControlPlaneHost.Create(configure, compiler, builder => builder.Logging.SetMinimumLevel(verbosity));
            await host.StartAsync(cancellation).ConfigureAwait(false);
            await host.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (SocketException failure)
        {
            await Console.Error.WriteLineAsync(
                $"osm: cannot listen on {options.XdsAddress}, {options.HttpAddress} and {options.DebugAddress} ({failure.Message}); "
                + "give other addresses with --xds-address, --http-address and --debug-address").ConfigureAwait(false);
            return ExitCode.Failed;
        }
        catch (Exception failure) when (failure is CertificateAuthorityException or OptionsValidationException or ClusterConnectionException or IOException)
        {
            await Console.Error.WriteLineAsync($"osm: {failure.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static Option<IPEndPoint> Address(string name, string description, IPEndPoint fallback) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => fallback,
        CustomParser = Endpoint.Parse!,
        HelpName = "ADDRESS:PORT",
    };
}
