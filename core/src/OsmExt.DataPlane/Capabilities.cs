using System.Collections.Frozen;

namespace OsmExt.DataPlane;

/// <summary>The extensions that are carried out, as control planes are told. Their fields, and everything else, are looked at when a resource comes: <see cref="Checks.ResourceCheck"/>.</summary>
internal static class Capabilities
{
    /// <summary>Types of extensions, as proxies list them in <c>node.extensions</c>, with the category Envoy files each under.</summary>
    public static FrozenDictionary<string, string> Extensions { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["envoy.extensions.filters.listener.original_dst.v3.OriginalDst"] = "envoy.filters.listener",
        ["envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"] = "envoy.filters.listener",
        ["envoy.extensions.filters.listener.http_inspector.v3.HttpInspector"] = "envoy.filters.listener",
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"] = "envoy.filters.network",
        ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"] = "envoy.filters.network",
        ["envoy.extensions.filters.network.rbac.v3.RBAC"] = "envoy.filters.network",
        ["envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit"] = "envoy.filters.network",
        ["envoy.extensions.filters.http.router.v3.Router"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.rbac.v3.RBAC"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.rbac.v3.RBACPerRoute"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute"] = "envoy.filters.http",
        ["envoy.extensions.filters.http.health_check.v3.HealthCheck"] = "envoy.filters.http",
        ["envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"] = "envoy.transport_sockets.upstream",
        ["envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"] = "envoy.transport_sockets.downstream",
        ["envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"] = "envoy.transport_sockets.downstream",
        ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] = "envoy.upstream_options",
        ["envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"] = "envoy.access_loggers",
        ["envoy.extensions.access_loggers.stream.v3.StderrAccessLog"] = "envoy.access_loggers",
        ["envoy.extensions.access_loggers.file.v3.FileAccessLog"] = "envoy.access_loggers",
        ["envoy.extensions.access_loggers.stats.v3.Config"] = "envoy.access_loggers",
        ["envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery"] = "envoy.formatter",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
