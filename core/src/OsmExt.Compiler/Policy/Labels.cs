using OsmExt.Sdk.Collections;

namespace OsmExt.Compiler.Policy;

/// <summary>Labels and annotations of OSM's that the compiler reads.</summary>
internal static class Labels
{
    public const string MonitoredBy = "openservicemesh.io/monitored-by";
    public const string SidecarInjection = "openservicemesh.io/sidecar-injection";
    public const string ProxyUuid = "osm-proxy-uuid";
    public const string PrometheusScrape = "prometheus.io/scrape";

    /// <summary>Go's ParseBool, which OSM applied to the scrape annotation.</summary>
    public static bool IsTrue(string? value) => value is "1" or "t" or "T" or "TRUE" or "true" or "True";

    /// <summary>The injection switch: true, false, or null when it is absent or says neither.</summary>
    public static bool? Injection(LabelSet annotations) => annotations[SidecarInjection]?.ToUpperInvariant() switch
    {
        "ENABLED" or "YES" or "TRUE" => true,
        "DISABLED" or "NO" or "FALSE" => false,
        _ => null,
    };
}
