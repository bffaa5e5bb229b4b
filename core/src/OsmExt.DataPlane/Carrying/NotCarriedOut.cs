using System.Collections.Frozen;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.DataPlane.Tls;

namespace OsmExt.DataPlane.Carrying;

/// <summary>Fields that change no decision, so that the simulator passes over them, but change what happens to traffic.</summary>
internal static class NotCarriedOut
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> Table = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["envoy.config.route.v3.RouteConfiguration"] = "request_mirror_policies",
        ["envoy.config.route.v3.VirtualHost"] = "hedge_policy request_mirror_policies",
        ["envoy.config.route.v3.Route"] = "tracing decorator",
        ["envoy.config.route.v3.RouteAction"] =
            "request_mirror_policies hedge_policy internal_redirect_policy max_grpc_timeout grpc_timeout_offset upgrade_configs "
            + "max_stream_duration early_data_policy",
        ["envoy.config.route.v3.RedirectAction"] = "regex_rewrite",
        ["envoy.config.route.v3.RetryPolicy"] =
            "retry_priority retry_host_predicate retry_options_predicates retriable_headers retriable_request_headers "
            + "rate_limited_retry_back_off per_try_idle_timeout",
        ["envoy.config.route.v3.RouteAction.HashPolicy"] = "filter_state query_parameter",
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"] =
            "tracing request_id_extension add_user_agent http3_protocol_options proxy_100_continue request_timeout",
        ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"] =
            "hash_policy access_log_options access_log_flush_interval max_downstream_connection_duration",
        ["envoy.config.cluster.v3.Cluster"] =
            "upstream_bind_config maglev_lb_config preconnect_policy load_balancing_policy connection_pool_per_downstream_connection "
            + "protocol_selection close_connections_on_host_health_failure",
        ["envoy.config.cluster.v3.Cluster.CommonLbConfig"] =
            "zone_aware_lb_config locality_weighted_lb_config consistent_hashing_lb_config override_host_status",
        ["envoy.config.core.v3.HttpProtocolOptions"] = "headers_with_underscores_action max_connection_duration max_stream_duration",
        ["envoy.config.core.v3.HealthCheck"] = "grpc_health_check custom_health_check event_log_path event_service",
        ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] =
            "upstream_http_protocol_options auto_config http_filters outlier_detection header_validation_config",
        ["envoy.extensions.transport_sockets.tls.v3.CommonTlsContext"] = "key_log",
        ["envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext"] = "watched_directory",
        ["envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"] =
            "descriptors request_headers_to_add_when_not_enforced stage local_rate_limit_per_downstream_connection local_cluster_rate_limit "
            + "enable_x_ratelimit_headers vh_rate_limits",
    }.ToFrozenDictionary(
        entry => entry.Key, entry => entry.Value.Split(' ').ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Why a field that is set cannot be taken; null when it can.</summary>
    public static string? Reason(IMessage message, string field)
    {
        if (Table.TryGetValue(message.Descriptor.FullName, out var fields) && fields.Contains(field))
        {
            return "Envoy does";
        }

        if (message is HeaderValueOption { Header: { } header } && field == "header")
        {
            return header.Value.Replace("%%", "", StringComparison.Ordinal).Contains('%', StringComparison.Ordinal) ? $"the value {header.Value} holds a command"
                : header.Key.StartsWith(':') || header.Key.Equals("host", StringComparison.OrdinalIgnoreCase) ? $"{header.Key} is no ordinary header"
                : null;
        }

        if (message is TlsParameters parameters && field == "cipher_suites")
        {
            return TlsSettings.UnknownSuite(parameters) is { } suite ? $"the cipher suite {suite} is not known" : null;
        }

        return message is Cluster { LbPolicy: not (Cluster.Types.LbPolicy.RoundRobin or Cluster.Types.LbPolicy.LeastRequest or Cluster.Types.LbPolicy.RingHash
            or Cluster.Types.LbPolicy.Random or Cluster.Types.LbPolicy.ClusterProvided) } cluster && field == "lb_policy"
            ? $"{cluster.LbPolicy}" : null;
    }
}
