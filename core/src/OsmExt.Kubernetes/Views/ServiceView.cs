using System.Globalization;
using k8s.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>Services.</summary>
internal static class ServiceView
{
    public static FieldSet Reads { get; } = FieldSet.Of(
        "spec.type", "spec.externalName", "spec.selector", "spec.clusterIP", "spec.clusterIPs",
        "spec.ports.name", "spec.ports.port", "spec.ports.protocol", "spec.ports.appProtocol", "spec.ports.targetPort");

    public static Resource From(V1Service model, ResourceMetadata metadata, FieldReport report)
    {
        var spec = model.Spec ?? new();
        var type = report.OneOf("spec.type", spec.Type, "ClusterIP", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
        var external = type == "ExternalName" && report.Has("spec.externalName", spec.ExternalName, "Name the host the service stands for");
        return new Service(metadata)
        {
            Selector = LabelSet.From(spec.Selector),
            ClusterAddresses = Addresses(spec, report),
            IsHeadless = spec.ClusterIP == "None" || spec.ClusterIPs?.Contains("None") == true,
            Ports = Ports(spec.Ports ?? [], report),
            ExternalName = external ? spec.ExternalName : "",
        };
    }

    private static EquatableArray<string> Addresses(V1ServiceSpec spec, FieldReport report)
    {
        var written = spec.ClusterIPs is { Count: > 0 } all
            ? all.Select((text, i) => (text, path: $"spec.clusterIPs[{i}]"))
            : [(text: spec.ClusterIP, path: "spec.clusterIP")];
        return written.Where(entry => !string.IsNullOrEmpty(entry.text) && entry.text != "None")
            .Select(entry => report.Address(entry.path, entry.text))
            .OfType<string>()
            .ToEquatableArray();
    }

    private static EquatableArray<ServicePort> Ports(IList<V1ServicePort> models, FieldReport report)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < models.Count; i++)
        {
            var name = models[i].Name ?? "";
            if (models.Count > 1 && name.Length == 0)
            {
                report.Missing($"spec.ports[{i}].name", "Name the port; a service with several ports needs a name for each");
            }
            else if (!names.Add(name))
            {
                report.Invalid($"spec.ports[{i}].name", $"Two ports are called {YamlScalar.Quote(name)}", "Give each port its own name");
            }
        }

        return models.Select((port, i) => From(port, $"spec.ports[{i}]", report)).ToEquatableArray();
    }

    private static ServicePort From(V1ServicePort model, string path, FieldReport report)
    {
        var port = report.RequiredPort($"{path}.port", model.Port, "Give the number clients dial");
        return new(report.DnsLabel($"{path}.name", model.Name), port)
        {
            Transport = report.OneOf($"{path}.protocol", model.Protocol, "TCP", FieldChecks.Transports),
            AppProtocol = model.AppProtocol ?? "",
            TargetPort = TargetPort(model.TargetPort?.Value ?? "", $"{path}.targetPort", report),
        };
    }

    private static string TargetPort(string text, string path, FieldReport report)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            // Kubernetes and its clients write 0 for "the same as the port".
            return number == 0 ? "" : (report.Port(path, number) ?? 0).ToString(CultureInfo.InvariantCulture);
        }

        return report.PortName(path, text);
    }
}
