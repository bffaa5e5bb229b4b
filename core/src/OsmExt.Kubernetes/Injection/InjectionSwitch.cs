using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Injection;

/// <summary>Whether a pod gets a sidecar: the pod's own word counts before its namespace's, and without a word there is none.</summary>
internal static class InjectionSwitch
{
    private const string Advice = "Write enabled or disabled, or remove the annotation";
    private static readonly string[] SystemNamespaces = ["kube-system", "kube-public", "kube-node-lease"];

    /// <summary>Why the pod is left as it is or refused; null when it gets a sidecar.</summary>
    public static Injection? Decide(PodObject pod, Namespace ns, InjectionSettings settings)
    {
        if (WhyNever(ns, settings) is { } never)
        {
            return Injection.Skip(never);
        }

        var errors = new List<Diagnostic>();
        var own = Read(pod.Annotations, WellKnown.Switch, invalid => errors.Add(pod.Error(DiagnosticCodes.InvalidValue, Field(WellKnown.Switch), invalid, Advice)));
        var wide = Read(ns.Metadata.Annotations, WellKnown.Switch, invalid => errors.Add(OfNamespace(ns, WellKnown.Switch, invalid)));
        if (errors.Count > 0)
        {
            return Injection.Refuse(errors);
        }

        if (!(own ?? wide ?? false))
        {
            return Injection.Skip(own == false ? "the pod disables sidecar injection" : wide == false ? "its namespace disables sidecar injection"
                : "neither the pod nor its namespace enables sidecar injection");
        }

        return Unfit(pod, own == true);
    }

    /// <summary>Whether new pods of the namespace are to be scraped; null and an error when the annotation says neither.</summary>
    public static bool? Metrics(Namespace ns, ICollection<Diagnostic> errors)
        => Read(ns.Metadata.Annotations, WellKnown.Metrics, invalid => errors.Add(OfNamespace(ns, WellKnown.Metrics, invalid)));

    private static string? WhyNever(Namespace ns, InjectionSettings settings)
    {
        var labels = ns.Metadata.Labels;
        return ns.Metadata.Name == settings.OsmNamespace || SystemNamespaces.Contains(ns.Metadata.Name) ? $"pods of namespace {ns.Metadata.Name} get no sidecar"
            : labels[WellKnown.Ignore] is not null ? $"namespace {ns.Metadata.Name} is labelled {WellKnown.Ignore}"
            : labels[WellKnown.ControlPlane] is not null ? $"namespace {ns.Metadata.Name} is labelled {WellKnown.ControlPlane}"
            : labels[WellKnown.MonitoredBy] != settings.MeshName ? $"namespace {ns.Metadata.Name} is not part of mesh {settings.MeshName}"
            : null;
    }

    // Who asked for a sidecar by name is told; a namespace's default means pods that can have one.
    private static Injection? Unfit(PodObject pod, bool asked)
    {
        if (pod.HostNetwork)
        {
            const string Reason = "a pod on the node's network cannot have a sidecar";
            return asked ? Injection.Skip(Reason, pod.Warning(DiagnosticCodes.NotInjected, "spec.hostNetwork",
                "A pod on the node's network cannot have a sidecar", "Remove hostNetwork, or disable sidecar injection for the pod")) : Injection.Skip(Reason);
        }

        return pod.ForWindows ? Injection.Refuse([pod.Error(DiagnosticCodes.NotInjected, "spec.nodeSelector",
            "Traffic of pods on Windows nodes cannot be led through a sidecar", "Disable sidecar injection for the pod")]) : null;
    }

    private static bool? Read(LabelSet annotations, string name, Action<string> invalid)
    {
        switch (annotations[name]?.ToUpperInvariant())
        {
            case null:
                return null;
            case "ENABLED" or "YES" or "TRUE":
                return true;
            case "DISABLED" or "NO" or "FALSE":
                return false;
            default:
                invalid($"{Yaml.YamlScalar.Quote(annotations[name]!)} is neither enabled nor disabled");
                return null;
        }
    }

    private static string Field(string annotation) => $"metadata.annotations[{annotation}]";

    private static Diagnostic OfNamespace(Namespace ns, string annotation, string message)
        => new(DiagnosticCodes.InvalidValue, Severity.Error, ns.Key, Field(annotation), message, Advice);
}
