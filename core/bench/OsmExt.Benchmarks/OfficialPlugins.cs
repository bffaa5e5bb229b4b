using OsmExt.PluginHost;

namespace OsmExt.Benchmarks;

/// <summary>The plugins of this repository, with objects by which each has something to say to the first service of a generated mesh.</summary>
internal static class OfficialPlugins
{
    private static readonly string Root = Find();

    /// <summary>The folders' names, and the objects.</summary>
    public static IReadOnlyDictionary<string, string> Objects { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        // It is for the whole mesh, and has no objects.
        ["Delivery.Flagger"] = "",
        ["Egress"] = """
            apiVersion: policy.openservicemesh.io/v1alpha1
            kind: Egress
            metadata: {name: api, namespace: ns-000}
            spec:
              sources: [{kind: ServiceAccount, name: svc-00000, namespace: ns-000}]
              hosts: [api.example.com, www.example.com]
              ports: [{number: 443, protocol: https}, {number: 80, protocol: http}]
            """,
        ["ExternalAuth"] = """
            apiVersion: auth.osmext.io/v1alpha1
            kind: ExternalAuthorization
            metadata: {name: everywhere, namespace: osm-system}
            spec: {backend: {host: judge.example.com, port: 9191}}
            """,
        ["HeaderTransform"] = """
            apiVersion: transform.osmext.io/v1alpha1
            kind: HeaderTransform
            metadata: {name: everywhere, namespace: osm-system}
            spec: {response: {set: [{name: x-mesh, value: "yes"}]}}
            """,
        ["Ingress.Contour"] = """
            apiVersion: policy.openservicemesh.io/v1alpha1
            kind: IngressBackend
            metadata: {name: web, namespace: ns-000}
            spec:
              backends: [{name: svc-00000, port: {number: 8080, protocol: https}}]
              sources: [{kind: IPRange, name: 192.0.2.0/24}, {kind: AuthenticatedPrincipal, name: gateway.edge.cluster.local}]
            """,
        ["Lua"] = """
            apiVersion: script.osmext.io/v1alpha1
            kind: LuaScript
            metadata: {name: everywhere, namespace: osm-system}
            spec: {code: "function envoy_on_request(handle) end"}
            """,
        ["RateLimit"] = """
            apiVersion: limit.osmext.io/v1alpha1
            kind: RequestLimit
            metadata: {name: everywhere, namespace: osm-system}
            spec: {requests: 1000}
            """,
        ["Telemetry"] = """
            apiVersion: telemetry.osmext.io/v1alpha1
            kind: Telemetry
            metadata: {name: everywhere, namespace: osm-system}
            spec: {accessLog: {otlp: {host: collector.example.com}}, tracing: {host: collector.example.com}}
            """,
    };

    /// <summary>A plugin's folder: as it stands in the tree, or what building it gives.</summary>
    public static string FolderOf(string name) => Path.Join(Root, "plugins", $"OsmExt.Plugin.{name}") is var source && File.Exists(Path.Join(source, "plugin.yaml"))
        ? source
        : AppContext.BaseDirectory.Replace("OsmExt.Benchmarks", $"OsmExt.Plugin.{name}", StringComparison.Ordinal);

    /// <summary>A plugin alone, with all it asks for; or all together.</summary>
    public static PluginSet Load(params IEnumerable<string> names)
    {
        var policy = Path.GetTempFileName();
        try
        {
            File.WriteAllText(policy, "plugins:\n" + string.Concat(((string[])["egress", "external-auth", "ingress-contour", "telemetry"])
                .Select(id => $"  {id}: {{grants: [{(id is "ingress-contour" ? "accept-connections, write-tls, use-identity" : "call-hosts")}]}}\n")));
            var set = names.Select(name => PluginSet.Load(FolderOf(name), policy, TimeProvider.System)).Aggregate(PluginSet.Empty, (all, one) => all.With(one));
            return set.Diagnostics.IsEmpty ? set : throw new InvalidOperationException($"Build the plugins first (make test does): {set.Diagnostics[0]}");
        }
        finally
        {
            File.Delete(policy);
        }
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "OsmExt.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("No OsmExt.sln above the benchmarks' own folder.");
        }

        return folder.FullName;
    }
}
