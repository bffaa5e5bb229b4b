using System.CommandLine;
using OsmExt.Kubernetes.Injection;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm inject</c>: what the webhook does to pods, to manifests in a file.</summary>
internal static class InjectCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var defaults = new InjectionSettings();
        var file = new Option<string>("--filename", "-f") { Description = "Manifests: pods, and what makes pods; - for standard input.", Required = true, HelpName = "FILE" };
        var config = new Option<string?>("--mesh-config") { Description = "File with the MeshConfig, and with namespaces whose annotations count. Default: a MeshConfig that says nothing.", HelpName = "FILE" };
        var roots = new Option<string>("--roots") { Description = "File with the mesh's root certificates, by which sidecars know the control plane.", Required = true, HelpName = "FILE" };
        var envoy = new Option<string>("--envoy-image") { Description = "Envoy's image. Default: what the MeshConfig says.", DefaultValueFactory = _ => "", HelpName = "IMAGE" };
        var init = new Option<string>("--init-image") { Description = "The init container's image. Default: what the MeshConfig says.", DefaultValueFactory = _ => "", HelpName = "IMAGE" };
        var agent = new Option<string>("--agent-image") { Description = "The image of this program.", Required = true, HelpName = "IMAGE" };
        var ns = new Option<string>("--namespace", "-n") { Description = "Where objects are that name no namespace.", DefaultValueFactory = _ => "default" };
        var osm = new Option<string>("--osm-namespace") { Description = "The control plane's namespace.", DefaultValueFactory = _ => defaults.OsmNamespace };
        var mesh = new Option<string>("--mesh-name") { Description = "The mesh.", DefaultValueFactory = _ => defaults.MeshName };
        var pull = RunOnCluster.PullPolicyOption();
        var native = new Option<bool>("--native-sidecars") { Description = "Use sidecar containers, which Kubernetes 1.29 and later have. Default: do not." };
        var command = new Command("inject", "Print manifests with sidecars injected into their pods. Everything else stays as it is written. Pods whose namespace says nothing are injected.")
        {
            file, config, roots, agent, envoy, init, pull, ns, osm, mesh, native,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetValue(config), parsed.GetRequiredValue(ns),
            new()
            {
                MeshName = parsed.GetRequiredValue(mesh), OsmNamespace = parsed.GetRequiredValue(osm), EnvoyImage = parsed.GetRequiredValue(envoy), InitImage = parsed.GetRequiredValue(init),
                AgentImage = parsed.GetRequiredValue(agent), PullPolicy = parsed.GetRequiredValue(pull), NativeSidecars = parsed.GetValue(native),
            },
            parsed.GetRequiredValue(roots)));
        return command;
    }

    private static int Run(string file, string? config, string defaultNamespace, InjectionSettings settings, string roots)
    {
        try
        {
            var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
            var read = ManifestReader.Read(config is null ? "" : File.ReadAllText(config), config ?? "");
            var own = ManifestReader.Read(text, file);
            Namespace[] namespaces = [.. read.Resources.Concat(own.Resources).OfType<Namespace>()];
            var sidecar = read.Resources.OfType<MeshConfig>().FirstOrDefault(found => found.Metadata.Name == MeshConfig.WellKnownName)?.Sidecar ?? SidecarSettings.Default;
            var injector = new ManifestInjector(
                settings with { Roots = File.ReadAllText(roots), Sidecar = sidecar }, name => NamespaceOf(name, namespaces, settings.MeshName), defaultNamespace);
            var (injected, outcomes, diagnostics) = injector.Inject(text, file);
            foreach (var finding in read.Diagnostics.Where(found => found.Severity == Severity.Error).Concat(diagnostics))
            {
                Console.Error.WriteLine(finding);
            }

            if (read.Diagnostics.Concat(diagnostics).Any(found => found.Severity == Severity.Error))
            {
                return ExitCode.UnusableInput;
            }

            foreach (var (pod, outcome) in outcomes.Where(entry => entry.Outcome != "injected"))
            {
                Console.Error.WriteLine($"osm: {pod} is left as it is: {outcome}");
            }

            Console.Out.Write(injected);
            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"osm: {failure.Message}");
            return ExitCode.UnusableInput;
        }
    }

    // Whoever runs this command wants sidecars; a namespace that is written down and says no is heard all the same.
    private static Namespace NamespaceOf(string name, Namespace[] known, string mesh)
    {
        var found = known.FirstOrDefault(ns => ns.Metadata.Name == name) ?? new Namespace(new("", name));
        var (labels, annotations) = (found.Metadata.Labels, found.Metadata.Annotations);
        return found with
        {
            Metadata = found.Metadata with
            {
                Labels = labels[WellKnown.MonitoredBy] is null ? LabelSet.From([.. labels, new(WellKnown.MonitoredBy, mesh)]) : labels,
                Annotations = annotations[WellKnown.Switch] is null ? LabelSet.From([.. annotations, new(WellKnown.Switch, "enabled")]) : annotations,
            },
        };
    }
}
