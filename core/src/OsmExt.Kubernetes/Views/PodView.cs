using k8s.Models;
using OsmExt.Kubernetes.Injection;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Pods.</summary>
internal static class PodView
{
    public static FieldSet Reads { get; } = FieldSet.Of(
        "spec.serviceAccountName", "spec.serviceAccount", "spec.hostNetwork", "spec.hostname",
        "spec.containers.name", "spec.initContainers.name", "spec.containers.image", "spec.containers.command", "spec.containers.args",
        "spec.containers.env.name", "spec.containers.env.value", "spec.containers.env.valueFrom",
        "spec.containers.ports.name", "spec.containers.ports.containerPort", "spec.containers.ports.protocol",
        "status.podIP", "status.podIPs.ip");

    public static Resource From(V1Pod model, ResourceMetadata metadata, FieldReport report) => new Pod(metadata)
    {
        ServiceAccount = ServiceAccount(model.Spec, report),
        HostNetwork = model.Spec?.HostNetwork ?? false,
        Hostname = report.DnsLabel("spec.hostname", model.Spec?.Hostname),
        Addresses = Addresses(model.Status, report),
        Containers = Containers(model.Spec, report),
        IsInjected = metadata.Labels[WellKnown.ProxyUuid] is not null || HasSidecar(model.Spec),
    };

    // What osm inject writes has no label, since templates make many pods.
    private static bool HasSidecar(V1PodSpec? spec)
    {
        var names = (spec?.InitContainers ?? []).Concat(spec?.Containers ?? []).Select(container => container.Name).ToArray();
        return names.Contains(WellKnown.EnvoyContainer) && names.Contains(WellKnown.AgentContainer);
    }

    private static string ServiceAccount(V1PodSpec? spec, FieldReport report) => spec switch
    {
        { ServiceAccountName.Length: > 0 } => report.DnsSubdomain("spec.serviceAccountName", spec.ServiceAccountName),
        { ServiceAccount.Length: > 0 } => report.DnsSubdomain("spec.serviceAccount", spec.ServiceAccount),
        _ => "default",
    };

    private static EquatableArray<string> Addresses(V1PodStatus? status, FieldReport report)
    {
        var addresses = new List<string?>();
        if (status?.PodIPs is { Count: > 0 } all)
        {
            addresses.AddRange(all.Select((entry, i) => report.Address($"status.podIPs[{i}].ip", entry.Ip)));
        }
        else if (!string.IsNullOrEmpty(status?.PodIP))
        {
            addresses.Add(report.Address("status.podIP", status.PodIP));
        }

        return addresses.OfType<string>().ToEquatableArray();
    }

    private static EquatableArray<Container> Containers(V1PodSpec? spec, FieldReport report)
    {
        if (spec?.Containers is null)
        {
            report.Missing("spec.containers", "List the pod's containers; Kubernetes requires one", Severity.Warning);
        }

        return (spec?.Containers ?? []).Select((container, i) => From(container, $"spec.containers[{i}]", report)).ToEquatableArray();
    }

    private static Container From(V1Container model, string path, FieldReport report)
    {
        if (report.Has($"{path}.name", model.Name, "Give the container a name"))
        {
            report.DnsLabel($"{path}.name", model.Name);
        }

        return new(model.Name ?? "")
        {
            Image = model.Image ?? "",
            Command = (model.Command ?? []).ToEquatableArray(),
            Arguments = (model.Args ?? []).ToEquatableArray(),
            Environment = Environment(model, path, report),
            Ports = (model.Ports ?? []).Select((port, i) => From(port, $"{path}.ports[{i}]", report)).ToEquatableArray(),
        };
    }

    private static LabelSet Environment(V1Container model, string path, FieldReport report)
    {
        var literal = new List<KeyValuePair<string, string>>();
        for (var i = 0; i < (model.Env?.Count ?? 0); i++)
        {
            var variable = model.Env![i];
            if (report.Has($"{path}.env[{i}].name", variable.Name, "Name the variable") && variable.ValueFrom is null)
            {
                literal.Add(new(variable.Name, variable.Value ?? ""));
            }
        }

        return LabelSet.From(literal);
    }

    private static ContainerPort From(V1ContainerPort model, string path, FieldReport report)
    {
        var port = report.RequiredPort($"{path}.containerPort", model.ContainerPort, "Give the port's number");
        var name = report.PortName($"{path}.name", model.Name);
        return new(name, port, report.OneOf($"{path}.protocol", model.Protocol, "TCP", FieldChecks.Transports));
    }
}
