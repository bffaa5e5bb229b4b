using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Finds what only a plugin carries out, where none is there.</summary>
internal static class PluginReview
{
    public static IEnumerable<Diagnostic> Of(Mesh mesh, IMeshContributions contributions, ResourceSnapshot snapshot, CompilerOptions options)
        => Enum.GetValues<MeshSetting>().Where(setting => mesh.Settings.Asks(setting) && !contributions.CarriesOut.Contains(setting))
            .Select(setting => Finding(setting, new(nameof(MeshConfig), options.OsmNamespace, MeshConfig.WellKnownName), snapshot))
            .Concat(contributions.Reads.Contains(nameof(UpstreamTrafficSetting)) ? [] : MonitoredNamespaces.Of(snapshot, options).All<UpstreamTrafficSetting>(snapshot)
                .Where(setting => !ServiceName.IsFqdn(setting.Host)).Select(setting => Finding(setting, snapshot)));

    private static Diagnostic Finding(UpstreamTrafficSetting setting, ResourceSnapshot snapshot)
        => new(DiagnosticCodes.InvalidPolicy, Severity.Error, setting.Key, "spec.host",
            $"\"{setting.Host}\" is not the full name of a service in namespace {setting.Metadata.Namespace}, so the object has no effect",
            $"Write SERVICE.{setting.Metadata.Namespace}.svc.{ServiceName.DnsSuffix}, or install the plugin egress if it is about a host outside the mesh", snapshot.LocationOf(setting.Key));

    // OSM's own installer turns metrics on, so nobody may have asked for them.
    private static Diagnostic Finding(MeshSetting setting, ResourceKey config, ResourceSnapshot snapshot) => setting switch
    {
        MeshSetting.Tracing => new(DiagnosticCodes.NotCarriedOut, Severity.Warning, config, "spec.observability.tracing.enable",
            "No plugin sends spans, so this has no effect", "Install the plugin telemetry, or turn it off", snapshot.LocationOf(config)),
        MeshSetting.InboundAuthorization => new(DiagnosticCodes.NotCarriedOut, Severity.Error, config, "spec.traffic.inboundExternalAuthorization.enable",
            "No plugin asks the authorization server, so no HTTP request is let in anywhere", "Install the plugin external-auth, or turn it off", snapshot.LocationOf(config)),
        _ => new(DiagnosticCodes.NotCarriedOut, Severity.Info, config, "spec.featureFlags.enableWASMStats",
            "No plugin counts requests by workload, so this has no effect", "Install the plugin delivery-flagger if you want these metrics", snapshot.LocationOf(config)),
    };
}
