using k8s.Models;
using OsmExt.Interception;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>What a MeshConfig says about the sidecars of new pods. Everything of it ends in what a root process reads, so all of it is checked.</summary>
internal static class SidecarSettingsView
{
    private const string PodIP = "PodIP";
    private static readonly string[] LogLevels = ["trace", "debug", "info", "warning", "warn", "error", "critical", "off"];

    public static SidecarSettings From(SidecarModel sidecar, TrafficModel traffic, FieldReport report) => new()
    {
        PrivilegedInit = sidecar.EnablePrivilegedInitContainer ?? false,
        LogLevel = report.OneOf("spec.sidecar.logLevel", sidecar.LogLevel, SidecarSettings.Default.LogLevel, LogLevels),
        EnvoyImage = sidecar.EnvoyImage ?? "",
        InitImage = sidecar.InitContainerImage ?? "",
        Limits = Quantities(sidecar.Resources?.Limits),
        Requests = Quantities(sidecar.Resources?.Requests),
        ReachByPodAddress = report.OneOf("spec.sidecar.localProxyMode", sidecar.LocalProxyMode, "Localhost", "Localhost", PodIP) == PodIP,
        OutboundRangeExclusions = Each(traffic.OutboundIPRangeExclusionList, "spec.traffic.outboundIPRangeExclusionList", report.AddressBlock),
        OutboundRangeInclusions = Each(traffic.OutboundIPRangeInclusionList, "spec.traffic.outboundIPRangeInclusionList", report.AddressBlock),
        OutboundPortExclusions = Each(traffic.OutboundPortExclusionList, "spec.traffic.outboundPortExclusionList", (path, port) => report.Port(path, port)),
        InboundPortExclusions = Each(traffic.InboundPortExclusionList, "spec.traffic.inboundPortExclusionList", (path, port) => report.Port(path, port)),
        InterfaceExclusions = Each(traffic.NetworkInterfaceExclusionList, "spec.traffic.networkInterfaceExclusionList", (path, name) => Interface(path, name, report)),
    };

    private static void Interface(string path, string name, FieldReport report)
    {
        if (report.Has(path, name, "Name a network interface") && !InterceptionRules.IsInterface(name))
        {
            report.Invalid(path, $"{YamlScalar.Quote(name)} is no name of a network interface", "Use at most 15 letters, digits, dots, hyphens and underscores");
        }
    }

    private static LabelSet Quantities(IDictionary<string, ResourceQuantity>? quantities)
        => LabelSet.From(quantities?.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.ToString())));

    private static EquatableArray<T> Each<T>(IList<T>? items, string path, Action<string, T> check)
    {
        for (var i = 0; i < (items?.Count ?? 0); i++)
        {
            check($"{path}[{i}]", items![i]);
        }

        return (items ?? []).ToEquatableArray();
    }
}
