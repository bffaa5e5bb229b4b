using System.Text.Json;
using System.Text.Json.Nodes;
using OsmExt.Interception;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Injection;

/// <summary>
/// Probes and calls at a container's start and end come from the node, outside the mesh, so the sidecar would refuse them. They are led to ports of the sidecar's that are open to the node, one
/// path for each container and kind; the sidecar asks the application what the kubelet would have asked.
/// </summary>
internal static class ProbeRewriting
{
    private static readonly (string Field, string Kind, int Port)[] Kinds =
    [
        ("livenessProbe", "liveness", SidecarPorts.LivenessProbe),
        ("readinessProbe", "readiness", SidecarPorts.ReadinessProbe),
        ("startupProbe", "startup", SidecarPorts.StartupProbe),
    ];

    // The node calls these by HTTP too; another port for them would be another that is no longer the application's.
    private static readonly (string Field, string Kind)[] Hooks = [("postStart", "poststart"), ("preStop", "prestop")];

    public static string PathOf(string kind, string container) => $"/osm-{kind}-{(kind is "poststart" or "prestop" ? "hook" : "probe")}/{container}";

    /// <summary>Rewrites the probes of a container in place, and says what they were.</summary>
    /// <param name="pod">The pod it is of, for what is wrong.</param>
    /// <param name="container">A container that is the caller's to change.</param>
    /// <param name="field">Where it stands in the pod.</param>
    /// <param name="errors">What is wrong.</param>
    public static IEnumerable<AppProbe> Rewrite(PodObject pod, JsonObject container, string field, ICollection<Diagnostic> errors)
    {
        foreach (var (name, kind, port) in Kinds)
        {
            if (PodObject.Child(container, name) is { } probe && Read(pod, container, probe, kind, $"{field}.{name}", errors) is { } found)
            {
                var get = PodObject.Child(probe, "httpGet");
                foreach (var handler in new[] { "tcpSocket", "grpc", "httpGet" })
                {
                    probe.Remove(handler);
                }

                probe["httpGet"] = Get(PathOf(kind, found.Container), port, get);
                yield return found;
            }
        }

        foreach (var (name, kind) in Hooks)
        {
            if (PodObject.Child(PodObject.Child(container, "lifecycle"), name) is { } hook && PodObject.Child(hook, "httpGet") is { } get
                && Read(pod, container, hook, kind, $"{field}.lifecycle.{name}", errors) is { } found)
            {
                hook["httpGet"] = Get(PathOf(kind, found.Container), SidecarPorts.StartupProbe, get);

                // How long it may take says the pod's grace period.
                yield return found with { TimeoutSeconds = 0, PeriodSeconds = 0 };
            }
        }
    }

    private static JsonObject Get(string path, int port, JsonObject? original)
    {
        var get = new JsonObject { ["path"] = path, ["port"] = port };
        if (original?["httpHeaders"] is { } headers)
        {
            get["httpHeaders"] = headers.DeepClone();
        }

        return get;
    }

    // A probe of another host is none of the pod's traffic; commands run inside the container.
    private static AppProbe? Read(PodObject pod, JsonObject container, JsonObject probe, string kind, string field, ICollection<Diagnostic> errors)
    {
        var (handler, protocol) = PodObject.Child(probe, "httpGet") is { } get ? (get, PodObject.Text(get, "scheme") == "HTTPS" ? "https" : "http")
            : PodObject.Child(probe, "tcpSocket") is { } tcp ? (tcp, "tcp")
            : PodObject.Child(probe, "grpc") is { } grpc ? (grpc, "grpc") : (null, "");
        if (handler is null || PodObject.Text(handler, "host").Length > 0)
        {
            return null;
        }

        var place = $"{field}.{(protocol is "http" or "https" ? "httpGet" : protocol == "tcp" ? "tcpSocket" : "grpc")}.port";
        if (PortOf(container, handler["port"]) is not { } port)
        {
            errors.Add(pod.Error(DiagnosticCodes.DanglingReference, place, $"Container {PodObject.Text(container, "name")} has no TCP port {Shown(handler["port"])}",
                "Write a number, or the name of one of the container's ports"));
            return null;
        }

        if (SidecarPorts.IsReserved(port))
        {
            errors.Add(pod.Error(DiagnosticCodes.Conflict, place, $"Port {port} is the sidecar's", $"Probe a port of the application; {SidecarPorts.Reserved} are the mesh's"));
            return null;
        }

        var path = protocol is "http" or "https" ? PodObject.Text(handler, "path") is { Length: > 0 } own ? own.StartsWith('/') ? own : $"/{own}" : "/" : null;
        return new(PodObject.Text(container, "name"), kind, protocol, port, path, protocol == "grpc" ? PodObject.Text(handler, "service") : null,
            Seconds(probe["timeoutSeconds"], 1), Seconds(probe["periodSeconds"], 10));
    }

    private static int? PortOf(JsonObject container, JsonNode? port)
    {
        if (port is not JsonValue value)
        {
            return null;
        }

        if (value.GetValueKind() == JsonValueKind.Number)
        {
            return PodObject.Number(value) is > 0 and <= ushort.MaxValue and var number ? number : null;
        }

        return value.GetValueKind() != JsonValueKind.String ? null : PodObject.Objects(container, "ports")
            .Where(declared => PodObject.Text(declared, "name") == value.GetValue<string>() && PodObject.Text(declared, "protocol") is "" or "TCP")
            .Select(declared => PortOf([], declared["containerPort"]))
            .FirstOrDefault(number => number is not null);
    }

    private static int Seconds(JsonNode? node, int absent)
        => PodObject.Number(node) is > 0 and var seconds ? seconds : absent;

    private static string Shown(JsonNode? port) => Yaml.YamlScalar.Shorten(Yaml.YamlScalar.Printable(port?.ToJsonString() ?? "at all"));
}
