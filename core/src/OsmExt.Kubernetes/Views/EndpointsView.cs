using k8s.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Legacy Endpoints objects, in the shape of slices.</summary>
internal static class EndpointsView
{
    public static FieldSet Reads { get; } = FieldSet.Of(
        "subsets.ports.name", "subsets.ports.port", "subsets.ports.protocol",
        "subsets.addresses.ip", "subsets.addresses.hostname",
        "subsets.addresses.targetRef.kind", "subsets.addresses.targetRef.name", "subsets.addresses.targetRef.namespace",
        "subsets.notReadyAddresses.ip", "subsets.notReadyAddresses.hostname",
        "subsets.notReadyAddresses.targetRef.kind", "subsets.notReadyAddresses.targetRef.name", "subsets.notReadyAddresses.targetRef.namespace");

    public static Resource From(V1Endpoints model, ResourceMetadata metadata, FieldReport report) => new EndpointSlice(metadata)
    {
        IsLegacy = true,
        ServiceName = metadata.Name,
        Subsets = (model.Subsets ?? []).Select((subset, i) => Subset(subset, metadata.Namespace, $"subsets[{i}]", report)).ToEquatableArray(),
    };

    private static EndpointSubset Subset(V1EndpointSubset model, string ns, string path, FieldReport report) => new(
        Ports(model.Ports ?? [], $"{path}.ports", report),
        Endpoints(model.Addresses ?? [], true, ns, $"{path}.addresses", report)
            .Concat(Endpoints(model.NotReadyAddresses ?? [], false, ns, $"{path}.notReadyAddresses", report))
            .ToEquatableArray());

    private static EquatableArray<EndpointPort> Ports(IList<Corev1EndpointPort> models, string path, FieldReport report)
        => models.Select((port, i) => new EndpointPort(
            port.Name ?? "",
            report.RequiredPort($"{path}[{i}].port", port.Port, "Give the port's number"),
            report.OneOf($"{path}[{i}].protocol", port.Protocol, "TCP", FieldChecks.Transports))).ToEquatableArray();

    private static IEnumerable<Endpoint> Endpoints(IList<V1EndpointAddress> models, bool ready, string ns, string path, FieldReport report)
    {
        for (var i = 0; i < models.Count; i++)
        {
            if (report.Address($"{path}[{i}].ip", models[i].Ip) is { } address)
            {
                yield return new(address)
                {
                    Ready = ready,
                    Hostname = report.DnsLabel($"{path}[{i}].hostname", models[i].Hostname),
                    Pod = EndpointSliceView.PodName(models[i].TargetRef, ns, $"{path}[{i}].targetRef", report),
                };
            }
        }
    }
}
