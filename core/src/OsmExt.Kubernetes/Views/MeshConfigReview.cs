using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Views;

/// <summary>
/// Settings of a MeshConfig that are read and checked but that nothing carries out yet. Each is reported where it asks for something
/// else than what happens anyway, so that nobody takes silence for consent.
/// </summary>
internal static class MeshConfigReview
{
    public static void Report(MeshConfigSpec spec, FieldReport report)
    {
        Sidecar(spec.Sidecar ?? new(), report);
        Observability(spec.Observability ?? new(), report);
        var flags = spec.FeatureFlags ?? new();
        If(flags.EnableMulticlusterMode, report, "spec.featureFlags.enableMulticlusterMode", "This mesh has one cluster");
        Idle(flags.EnableEgressPolicy, report, "spec.featureFlags.enableEgressPolicy", "Egress objects are carried out where the plugin egress is installed, whatever this says");
        Idle(flags.EnableIngressBackendPolicy, report, "spec.featureFlags.enableIngressBackendPolicy", "IngressBackends are carried out where the plugin ingress-contour is installed, whatever this says");
    }

    private static void Sidecar(SidecarModel model, FieldReport report)
    {
        If(!string.IsNullOrEmpty(model.EnvoyWindowsImage), report, "spec.sidecar.envoyWindowsImage", "Pods of Windows nodes get no sidecar");
        if (GoDuration.TryParse(model.ConfigResyncInterval ?? "", out var interval) && interval > TimeSpan.Zero)
        {
            Unmet(report, "spec.sidecar.configResyncInterval",
                "Nothing is sent again that a proxy has and acknowledged", "Remove it; no change is missed");
        }
    }

    private static void Observability(ObservabilityModel model, FieldReport report)
    {
        If(model.OsmLogLevel is not (null or "" or "info"), report, "spec.observability.osmLogLevel",
            "How much the control plane logs is an option of its command line");
    }

    private static void If(bool? asked, FieldReport report, string path, string happens)
    {
        if (asked == true)
        {
            Unmet(report, path, happens, "Remove it, or expect nothing of it");
        }
    }

    // OSM's own installer turns these on, so nobody may have asked.
    private static void Idle(bool? asked, FieldReport report, string path, string happens)
    {
        if (asked == true)
        {
            report.NotCarriedOut(path, Severity.Info, happens, "Nothing needs to be done; without the plugin what they would allow stays denied");
        }
    }

    private static void Unmet(FieldReport report, string path, string happens, string advice)
        => report.NotCarriedOut(path, Severity.Warning, $"{happens}, so this has no effect", advice);
}
