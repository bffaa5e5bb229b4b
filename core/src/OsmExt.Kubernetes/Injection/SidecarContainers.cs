using System.Text.Json.Nodes;
using OsmExt.Interception;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using static OsmExt.Kubernetes.Injection.WellKnown;

namespace OsmExt.Kubernetes.Injection;

/// <summary>The containers and volumes of a sidecar. All but the init container fit Kubernetes' "restricted" profile for pods.</summary>
/// <param name="settings">Images and the rest.</param>
/// <param name="ns">The pod's namespace.</param>
/// <param name="account">The pod's service account.</param>
internal sealed class SidecarContainers(InjectionSettings settings, string ns, string account)
{
    private SidecarSettings Sidecar => settings.Sidecar;

    public string EnvoyImage => Sidecar.EnvoyImage.Length > 0 ? Sidecar.EnvoyImage : settings.EnvoyImage;

    public string InitImage => Sidecar.InitImage.Length > 0 ? Sidecar.InitImage : settings.InitImage;

    /// <summary>Leads the pod's traffic through the sidecar.</summary>
    public JsonObject Init(string ipv4, string ipv6)
    {
        var container = Container(InitContainer, InitImage);
        container["command"] = new JsonArray("/bin/sh", "-c", InterceptionScript.Text);
        container["env"] = new JsonArray(
            FromField(InterceptionScript.PodAddresses, "status.podIPs"), Variable(InterceptionScript.IPv4Rules, ipv4), Variable(InterceptionScript.IPv6Rules, ipv6));
        container["resources"] = Resources(("cpu", "10m"), ("memory", "16Mi"), ("memory", "64Mi"));
        container["securityContext"] = new JsonObject
        {
            ["allowPrivilegeEscalation"] = Sidecar.PrivilegedInit,
            ["capabilities"] = new JsonObject { ["add"] = new JsonArray("NET_ADMIN", "NET_RAW"), ["drop"] = new JsonArray("ALL") },
            ["privileged"] = Sidecar.PrivilegedInit,
            ["runAsGroup"] = 0,
            ["runAsNonRoot"] = false,
            ["runAsUser"] = 0,
        };
        return container;
    }

    /// <summary>Gets credentials once, where the agent cannot be started before the application.</summary>
    public JsonObject Credentials(IEnumerable<AppProbe> probes) => Agent(CredentialsContainer, probes, "--once");

    /// <summary>Gets credentials, renews them, and answers probes about Envoy.</summary>
    public JsonObject Agent(IEnumerable<AppProbe> probes)
    {
        var container = Agent(AgentContainer, probes);
        container["ports"] = new JsonArray(Port("agent", AgentPort));
        if (settings.NativeSidecars)
        {
            container["restartPolicy"] = "Always";
            container["startupProbe"] = Probe(CredentialsPath, period: 1, failures: StartFailures);
        }

        return container;
    }

    public JsonObject Envoy()
    {
        var container = Container(EnvoyContainer, EnvoyImage);
        container["command"] = new JsonArray("envoy");
        // Kubernetes replaces containers, so nothing ever takes over from a running Envoy. What that needs would be shared with whoever shares the memory file system.
        container["args"] = new JsonArray(
            "--log-level", EnvoyLevel(Sidecar.LogLevel), "--config-path", $"{BootstrapDirectory}/bootstrap.yaml", "--service-cluster", $"{account}.{ns}", "--disable-hot-restart");
        container["env"] = new JsonArray(
            FromField("POD_UID", "metadata.uid"), FromField("POD_NAME", "metadata.name"), FromField("POD_NAMESPACE", "metadata.namespace"),
            FromField("POD_IP", "status.podIP"), FromField("SERVICE_ACCOUNT", "spec.serviceAccountName"));
        container["ports"] = new JsonArray(
            Port("proxy-admin", SidecarPorts.Admin), Port("proxy-inbound", SidecarPorts.Inbound), Port("proxy-metrics", SidecarPorts.Prometheus),
            Port("liveness-port", SidecarPorts.LivenessProbe), Port("readiness-port", SidecarPorts.ReadinessProbe), Port("startup-port", SidecarPorts.StartupProbe));
        container["readinessProbe"] = Probe(ReadyPath, period: 5, failures: 3);
        if (Sidecar is { Limits.IsEmpty: false } or { Requests.IsEmpty: false })
        {
            container["resources"] = Quantities(Sidecar.Requests, Sidecar.Limits);
        }

        if (settings.NativeSidecars)
        {
            container["restartPolicy"] = "Always";
            container["startupProbe"] = Probe(ReadyPath, period: 1, failures: StartFailures);
        }

        container["securityContext"] = Restricted();
        container["volumeMounts"] = new JsonArray(Mount(BootstrapVolume, BootstrapDirectory, readOnly: true));
        return container;
    }

    /// <summary>In memory, so that no key reaches a disk; and a token for the control plane alone.</summary>
    public static IEnumerable<JsonObject> Volumes()
    {
        yield return new() { ["name"] = BootstrapVolume, ["emptyDir"] = new JsonObject { ["medium"] = "Memory", ["sizeLimit"] = "1Mi" } };
        yield return new()
        {
            ["name"] = TokenVolume,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(new JsonObject
                {
                    ["serviceAccountToken"] = new JsonObject { ["audience"] = TokenAudience, ["expirationSeconds"] = TokenSeconds, ["path"] = "token" },
                }),
            },
        };
    }

    // An hour: as long as a control plane may be away at once without every pod needing another token when it comes back. The kubelet renews it.
    private const int TokenSeconds = 3600;

    // A day of tries a second: a control plane that is away is no reason to start a pod over and over.
    private const int StartFailures = 86_400;

    private JsonObject Agent(string name, IEnumerable<AppProbe> probes, params string[] arguments)
    {
        var container = Container(name, settings.AgentImage);
        container["args"] = new JsonArray([JsonValue.Create("agent"), .. arguments.Select(argument => JsonValue.Create(argument))]);
        container["env"] = new JsonArray(
            Variable(Variables.Controller, settings.ControllerOrDefault), Variable(Variables.Issuer, settings.IssuerOrDefault),
            Variable(Variables.Roots, settings.Roots), Variable(Variables.Probes, AppProbe.Write(probes)));
        container["resources"] = Resources(("cpu", "10m"), ("memory", "64Mi"), ("memory", "192Mi"));
        container["securityContext"] = Restricted();
        container["volumeMounts"] = new JsonArray(Mount(BootstrapVolume, BootstrapDirectory, readOnly: false), Mount(TokenVolume, TokenDirectory, readOnly: true));
        return container;
    }

    private JsonObject Container(string name, string image) => new() { ["name"] = name, ["image"] = image, ["imagePullPolicy"] = settings.PullPolicy };

    // OSM's names for Envoy's levels.
    private static string EnvoyLevel(string level) => level == "warn" ? "warning" : level;

    private static JsonObject Restricted() => new()
    {
        ["allowPrivilegeEscalation"] = false,
        ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
        ["readOnlyRootFilesystem"] = true,
        ["runAsGroup"] = SidecarPorts.ProxyUser,
        ["runAsNonRoot"] = true,
        ["runAsUser"] = SidecarPorts.ProxyUser,
        ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
    };

    private static JsonObject Probe(string path, int period, int failures) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = AgentPort },
        ["periodSeconds"] = period,
        ["timeoutSeconds"] = 2,
        ["failureThreshold"] = failures,
    };

    private static JsonObject Resources((string Name, string Least) cpu, (string Name, string Least) memory, (string Name, string Most) limit)
        => Quantities(LabelSet.From([new(cpu.Name, cpu.Least), new(memory.Name, memory.Least)]), LabelSet.From([new(limit.Name, limit.Most)]));

    private static JsonObject Quantities(LabelSet requests, LabelSet limits)
    {
        var resources = new JsonObject();
        foreach (var (name, set) in new[] { ("limits", limits), ("requests", requests) }.Where(entry => !entry.Item2.IsEmpty))
        {
            resources[name] = new JsonObject(set.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)JsonValue.Create(entry.Value))));
        }

        return resources;
    }

    private static JsonObject Port(string name, int port) => new() { ["name"] = name, ["containerPort"] = port };

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = Literal(value) };

    private static JsonObject FromField(string name, string path)
        => new() { ["name"] = name, ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = path } } };

    private static JsonObject Mount(string volume, string path, bool readOnly) => readOnly
        ? new() { ["name"] = volume, ["mountPath"] = path, ["readOnly"] = true }
        : new() { ["name"] = volume, ["mountPath"] = path };

    // Kubernetes replaces $(NAME) in values; a probe's path may hold it.
    private static string Literal(string value) => value.Replace("$(", "$$(", StringComparison.Ordinal);
}
