using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.Identity;
using OsmExt.PluginHost;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm bootstrap</c>: what one sidecar's Envoy starts with.</summary>
internal static class BootstrapCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var mesh = new MeshOptions();
        var state = RunCommand.StateOption();
        var proxy = new Option<string>("--proxy") { Description = "The pod whose sidecar it is.", Required = true, HelpName = "NAMESPACE/POD" };
        var fallback = new DnsEndPoint("127.0.0.1", Ports.ControlPlane);
        var address = new Option<DnsEndPoint?>("--control-plane")
        {
            Description = $"Where the sidecar finds the control plane. Default: {fallback.Host}:{fallback.Port}.",
            CustomParser = Endpoint.ParseHost,
            HelpName = "HOST:PORT",
        };
        var credentials = new Option<string?>("--credentials")
        {
            Description = "Directory to write the sidecar's certificate, key and trusted roots to; its Envoy follows these files. Default: STATE/proxies/NAMESPACE/POD.",
            HelpName = "DIR",
        };

        var envoy = TranslateCommand.EnvoyOption("The version of Envoy that is started; what plugins have for others only is left out.");
        var command = new Command("bootstrap", "Print the Envoy bootstrap of one pod's sidecar, with what plugins add to it, and issue the certificate it proves itself with.")
        {
            proxy, state, address, credentials, envoy,
        };
        mesh.AddTo(command);
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(proxy), parsed.GetRequiredValue(mesh.Config), mesh.LoadPlugins(parsed), parsed.GetRequiredValue(envoy), mesh.Compiler(parsed),
            parsed.GetRequiredValue(state), parsed.GetValue(address) ?? fallback, parsed.GetValue(credentials)));
        return command;
    }

    private static int Run(string pod, string[] config, PluginSet plugins, string envoy, CompilerOptions options, string state, DnsEndPoint address, string? credentials)
    {
        var mesh = OfflineMesh.Compile(Manifests.Load(config, plugins), options, plugins.Contribute);
        if (PodArgument.Find(pod, mesh.Proxies) is not { } proxy)
        {
            Console.Error.WriteLine($"osm: {PodArgument.Explain(pod, mesh.Proxies, mesh.Diagnostics)}");
            return ExitCode.UnusableInput;
        }

        if (!LeafProfile.IsWellFormed(proxy.Identity.Workload))
        {
            Console.Error.WriteLine($"osm: no certificate can carry the service account of pod {pod}, {proxy.Identity.Workload}; use a name that Kubernetes allows");
            return ExitCode.UnusableInput;
        }

        var (added, contributions) = mesh.BootstrapOf(proxy, Capabilities.OfRelease(envoy));
        foreach (var finding in new SortedSet<Diagnostic>(plugins.Diagnostics.Concat(contributions.Findings)))
        {
            Console.Error.WriteLine(finding);
        }

        if (contributions.Held is not null)
        {
            return ExitCode.UnusableInput;
        }

        try
        {
            using var roots = MeshRoots.Open(state, options.TrustDomain, TimeProvider.System, NullLogger<CaDirectory>.Instance);
            var directory = credentials ?? Path.Join(state, "proxies", proxy.Pod.Namespace, proxy.Pod.Name);
            var certificate = ProxyCredentials.Write(proxy.Identity, roots.Authority, directory, new IdentityOptions().ProxyCertificateValidity);
            Console.Out.Write(ProxyCredentials.Bootstrap(certificate.Identity, address, directory, added.Message));
            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is CertificateAuthorityException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"osm: {failure.Message}");
            return ExitCode.Failed;
        }
    }
}
