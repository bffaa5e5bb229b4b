using System.Text.Json.Nodes;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using static OsmExt.Kubernetes.Injection.WellKnown;

namespace OsmExt.Kubernetes.Injection;

/// <summary>Gives a pod its sidecar. A pure function: the same pod, namespace and settings give the same pod, and what is handed in stays as it is.</summary>
internal static class SidecarInjector
{
    private static readonly string[] OwnNames = [InitContainer, AgentContainer, CredentialsContainer, EnvoyContainer];

    /// <param name="pod">The pod, or a pod template.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="settings">What is injected.</param>
    /// <param name="proxy">
    /// What the sidecar is called among others of its account. Null for a template, which several pods are made from: each is then called by its own
    /// unique id, or by what the webhook calls it.
    /// </param>
    public static Injection Inject(PodObject pod, Namespace ns, InjectionSettings settings, Guid? proxy)
    {
        if (InjectionSwitch.Decide(pod, ns, settings) is { } decided)
        {
            return decided;
        }

        if (IsInjected(pod))
        {
            return Again(pod, proxy);
        }

        var errors = new List<Diagnostic>();
        var containers = new SidecarContainers(settings, ns.Metadata.Name, pod.ServiceAccount);
        Check(pod, containers, settings, errors);
        var copy = pod with { Json = (JsonObject)pod.Json.DeepClone() };
        var probes = RewriteProbes(copy, errors);
        var (ipv4, ipv6) = InterceptionScript.Rules(pod, settings.Sidecar, errors);
        var scraped = InjectionSwitch.Metrics(ns, errors);
        if (errors.Count > 0)
        {
            return Injection.Refuse(errors);
        }

        Place(copy.Json, containers, settings.NativeSidecars, containers.Init(ipv4, ipv6), probes);
        Mark(copy.Json, proxy, scraped == true);
        return Injection.Into(copy.Json);
    }

    // All of it, so that a pod which merely has a container of that name is told apart.
    private static bool IsInjected(PodObject pod)
    {
        var names = pod.InitContainers.Concat(pod.Containers).Select(container => PodObject.Text(container, "name")).ToArray();
        return names.Contains(InitContainer) && names.Contains(EnvoyContainer)
            && PodObject.Objects(pod.Spec, "volumes").Any(volume => PodObject.Text(volume, "name") == BootstrapVolume);
    }

    // A copy of a pod, such as kubectl debug makes, is another pod. Its token says so, and nothing else of a sidecar is one pod's own.
    private static Injection Again(PodObject pod, Guid? proxy)
    {
        if (proxy is null)
        {
            return Injection.Skip("it has a sidecar already");
        }

        var copy = (JsonObject)pod.Json.DeepClone();
        Mark(copy, proxy, scraped: false);
        return Injection.Into(copy);
    }

    private static void Check(PodObject pod, SidecarContainers containers, InjectionSettings settings, List<Diagnostic> errors)
    {
        foreach (var (image, what, where) in new[]
        {
            (containers.EnvoyImage, "Envoy's image", "spec.sidecar.envoyImage of the MeshConfig, or --envoy-image"),
            (containers.InitImage, "the init container's image", "spec.sidecar.initContainerImage of the MeshConfig, or --init-image"),
            (settings.AgentImage, "the agent's image", "--agent-image"),
        })
        {
            if (image.Length == 0)
            {
                errors.Add(pod.Error(DiagnosticCodes.NotInjected, "spec", $"Nobody has said which {what} is", $"Set {where}"));
            }
        }

        foreach (var (list, all) in new[] { ("initContainers", pod.InitContainers), ("containers", pod.Containers) })
        {
            foreach (var (container, index) in all.Select((container, index) => (container, index)))
            {
                Check(pod, container, $"spec.{list}[{index}]", errors);
            }
        }

        foreach (var volume in PodObject.Objects(pod.Spec, "volumes").Where(volume => !IsOwn(volume)).Select(volume => PodObject.Text(volume, "name")).Where(name => name is BootstrapVolume or TokenVolume))
        {
            errors.Add(pod.Error(DiagnosticCodes.Conflict, "spec.volumes", $"A volume is called {volume}, which is the sidecar's name", "Choose another name for the volume"));
        }
    }

    private static void Check(PodObject pod, JsonObject container, string field, List<Diagnostic> errors)
    {
        if (OwnNames.Contains(PodObject.Text(container, "name")))
        {
            errors.Add(pod.Error(DiagnosticCodes.Conflict, $"{field}.name", $"A container is called '{PodObject.Text(container, "name")}', which is the sidecar's name",
                "Choose another name for the container"));
        }

        // Whoever runs as the proxy's user goes around it.
        if (PodObject.Number((PodObject.Child(container, "securityContext") ?? PodObject.Child(pod.Spec, "securityContext"))?["runAsUser"]) == Interception.SidecarPorts.ProxyUser)
        {
            errors.Add(pod.Error(DiagnosticCodes.Conflict, $"{field}.securityContext.runAsUser", $"User {Interception.SidecarPorts.ProxyUser} is the sidecar's: its traffic goes around the sidecar",
                "Run the container as another user"));
        }

        foreach (var number in PodObject.Objects(container, "ports").Select(port => PodObject.Number(port["containerPort"])).OfType<int>())
        {
            if (Interception.SidecarPorts.IsReserved(number))
            {
                errors.Add(pod.Error(DiagnosticCodes.Conflict, $"{field}.ports", $"Port {number} is the sidecar's", $"Use another; {Interception.SidecarPorts.Reserved} are the mesh's"));
            }
        }
    }

    private static List<AppProbe> RewriteProbes(PodObject copy, List<Diagnostic> errors)
    {
        var probes = new List<AppProbe>();
        foreach (var list in new[] { "initContainers", "containers" })
        {
            foreach (var (container, index) in PodObject.Objects(copy.Spec, list).Select((container, index) => (container, index)))
            {
                if (list == "containers" || PodObject.Text(container, "restartPolicy") == "Always")
                {
                    probes.AddRange(ProbeRewriting.Rewrite(copy, container, $"spec.{list}[{index}]", errors));
                }
            }
        }

        return probes;
    }

    // As sidecars, they are there before any other container and after the last. Otherwise init containers of the pod's own come first, while there is
    // still a network without a sidecar.
    private static void Place(JsonObject pod, SidecarContainers sidecar, bool native, JsonObject init, List<AppProbe> probes)
    {
        var spec = Ensure(pod, "spec");
        var inits = EnsureList(spec, "initContainers");
        var containers = EnsureList(spec, "containers");
        if (native)
        {
            inits.Insert(0, init);
            inits.Insert(1, sidecar.Agent(probes));
            inits.Insert(2, sidecar.Envoy());
        }
        else
        {
            inits.Add(init);
            inits.Add(sidecar.Credentials(probes));
            containers.Add(sidecar.Envoy());
            containers.Add(sidecar.Agent(probes));
        }

        var volumes = EnsureList(spec, "volumes");
        foreach (var left in volumes.OfType<JsonObject>().Where(IsOwn).ToArray())
        {
            volumes.Remove(left);
        }

        foreach (var volume in SidecarContainers.Volumes())
        {
            volumes.Add(volume);
        }
    }

    // A copy of a pod may have been made without its init containers, and has the volumes still.
    private static bool IsOwn(JsonObject volume)
        => (PodObject.Text(volume, "name") == BootstrapVolume && PodObject.Text(PodObject.Child(volume, "emptyDir"), "medium") == "Memory")
            || (PodObject.Text(volume, "name") == TokenVolume && PodObject.Objects(PodObject.Child(volume, "projected"), "sources")
                .Any(source => PodObject.Text(PodObject.Child(source, "serviceAccountToken"), "audience") == TokenAudience));

    private static void Mark(JsonObject pod, Guid? proxy, bool scraped)
    {
        var metadata = Ensure(pod, "metadata");
        if (proxy is { } uuid)
        {
            Ensure(metadata, "labels")[ProxyUuid] = uuid.ToString("D");
        }

        if (scraped)
        {
            var annotations = Ensure(metadata, "annotations");
            annotations["prometheus.io/scrape"] = "true";
            annotations["prometheus.io/port"] = FormattableString.Invariant($"{Interception.SidecarPorts.Prometheus}");
            annotations["prometheus.io/path"] = "/stats/prometheus";
        }
    }

    private static T Ensure<T>(JsonObject parent, string name, Func<T> empty)
        where T : JsonNode
    {
        if (parent[name] is not T child)
        {
            parent[name] = child = empty();
        }

        return child;
    }

    private static JsonObject Ensure(JsonObject parent, string name) => Ensure<JsonObject>(parent, name, () => []);

    private static JsonArray EnsureList(JsonObject parent, string name) => Ensure<JsonArray>(parent, name, () => []);
}
