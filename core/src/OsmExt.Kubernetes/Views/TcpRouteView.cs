using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>SMI TCPRoutes.</summary>
internal static class TcpRouteView
{
    public static FieldSet Reads { get; } = FieldSet.Of("spec");

    public static Resource From(TcpRouteModel model, ResourceMetadata metadata, FieldReport report)
    {
        if (model.Spec?.Matches?.Ports is null)
        {
            report.Missing("spec.matches.ports", "List the pod ports; an empty list means every TCP port");
        }

        return new TcpRoute(metadata)
        {
            Ports = (model.Spec?.Matches?.Ports ?? []).Select((port, i) => report.Port($"spec.matches.ports[{i}]", port) ?? 0).ToEquatableArray(),
        };
    }
}
