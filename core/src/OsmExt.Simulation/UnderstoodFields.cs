using System.Collections.Frozen;
using Google.Protobuf.Reflection;

namespace OsmExt.Simulation;

/// <summary>Fields that are carried out, or that change no decision: statistics, time limits, buffers, logs, load.</summary>
internal static class UnderstoodFields
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> Table = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["envoy.config.listener.v3.Listener"] =
            "name address additional_addresses stat_prefix filter_chains default_filter_chain use_original_dst "
            + "per_connection_buffer_limit_bytes metadata deprecated_v1 drain_type listener_filters listener_filters_timeout "
            + "continue_on_listener_filters_timeout freebind socket_options tcp_fast_open_queue_length traffic_direction "
            + "connection_balance_config reuse_port enable_reuse_port access_log tcp_backlog_size "
            + "max_connections_to_accept_per_socket_event bind_to_port ignore_global_conn_limit bypass_overload_manager",
        ["envoy.config.listener.v3.FilterChain"] =
            "filter_chain_match filters transport_socket name metadata transport_socket_connect_timeout",
        ["envoy.config.listener.v3.FilterChainMatch"] =
            "destination_port prefix_ranges direct_source_prefix_ranges source_type source_prefix_ranges source_ports "
            + "server_names transport_protocol application_protocols",
        ["envoy.config.route.v3.RouteConfiguration"] =
            "name virtual_hosts response_headers_to_add response_headers_to_remove request_headers_to_add "
            + "request_headers_to_remove most_specific_header_mutations_wins validate_clusters max_direct_response_body_size_bytes "
            + "request_mirror_policies ignore_port_in_host_matching typed_per_filter_config metadata",
        ["envoy.config.route.v3.VirtualHost"] =
            "name domains routes require_tls virtual_clusters rate_limits request_headers_to_add request_headers_to_remove "
            + "response_headers_to_add response_headers_to_remove typed_per_filter_config include_request_attempt_count "
            + "include_attempt_count_in_response retry_policy hedge_policy include_is_timeout_retry_header "
            + "per_request_buffer_limit_bytes request_mirror_policies metadata",
        ["envoy.config.route.v3.Route"] =
            "name match route redirect direct_response metadata decorator typed_per_filter_config request_headers_to_add "
            + "request_headers_to_remove response_headers_to_add response_headers_to_remove tracing per_request_buffer_limit_bytes "
            + "stat_prefix",
        ["envoy.config.route.v3.RouteMatch"] =
            "prefix path safe_regex path_separated_prefix case_sensitive runtime_fraction headers query_parameters grpc "
            + "tls_context connect_matcher",
        ["envoy.config.route.v3.RouteAction"] =
            "cluster cluster_header weighted_clusters cluster_not_found_response_code host_rewrite_literal prefix_rewrite "
            + "timeout idle_timeout retry_policy request_mirror_policies priority rate_limits include_vh_rate_limits hash_policy "
            + "max_grpc_timeout grpc_timeout_offset upgrade_configs internal_redirect_policy hedge_policy max_stream_duration "
            + "early_data_policy append_x_forwarded_host",
        ["envoy.config.route.v3.WeightedCluster"] =
            "clusters total_weight",
        ["envoy.config.route.v3.WeightedCluster.ClusterWeight"] =
            "name cluster_header weight request_headers_to_add request_headers_to_remove response_headers_to_add "
            + "response_headers_to_remove typed_per_filter_config host_rewrite_literal",
        ["envoy.config.route.v3.HeaderMatcher"] =
            "name exact_match safe_regex_match range_match present_match prefix_match suffix_match contains_match string_match "
            + "invert_match treat_missing_header_as_empty",
        ["envoy.extensions.filters.http.rbac.v3.RBAC"] =
            "rules rules_stat_prefix shadow_rules shadow_matcher shadow_rules_stat_prefix track_per_rule_stats",
        ["envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"] =
            "grpc_service failure_mode_allow failure_mode_allow_header_add transport_api_version with_request_body status_on_error "
            + "metadata_context_namespaces typed_metadata_context_namespaces filter_enabled include_peer_certificate include_tls_session "
            + "stat_prefix bootstrap_metadata_labels_key allowed_headers disallowed_headers charge_cluster_response_stats encode_raw_headers",
        ["envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute"] =
            "disabled check_settings",
        ["envoy.extensions.filters.http.ext_authz.v3.CheckSettings"] =
            "context_extensions disable_request_body_buffering with_request_body",
        ["envoy.extensions.filters.network.rbac.v3.RBAC"] =
            "rules shadow_rules shadow_matcher stat_prefix enforcement_type shadow_rules_stat_prefix delay_deny",
        ["envoy.extensions.filters.http.health_check.v3.HealthCheck"] =
            "pass_through_mode headers",
        ["envoy.config.rbac.v3.RBAC"] =
            "action policies audit_logging_options",
        ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"] =
            "stat_prefix cluster weighted_clusters idle_timeout downstream_idle_timeout upstream_idle_timeout access_log "
            + "max_connect_attempts hash_policy max_downstream_connection_duration access_log_flush_interval "
            + "flush_access_log_on_connected access_log_options backoff_options",
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"] =
            "codec_type stat_prefix rds route_config http_filters add_user_agent tracing common_http_protocol_options "
            + "http1_safe_max_connection_duration http_protocol_options http2_protocol_options http3_protocol_options server_name "
            + "server_header_transformation scheme_header_transformation max_request_headers_kb stream_idle_timeout "
            + "request_timeout request_headers_timeout drain_timeout delayed_close_timeout access_log access_log_flush_interval "
            + "flush_access_log_on_new_request access_log_options use_remote_address xff_num_trusted_hops skip_xff_append via "
            + "generate_request_id preserve_external_request_id always_set_request_id_in_response forward_client_cert_details "
            + "set_current_client_cert_details proxy_100_continue upgrade_configs normalize_path merge_slashes "
            + "path_with_escaped_slashes_action request_id_extension strip_matching_host_port strip_any_host_port "
            + "strip_trailing_host_dot stream_error_on_invalid_http_message internal_address_config",
        ["envoy.config.cluster.v3.Cluster"] =
            "name alt_stat_name type eds_cluster_config connect_timeout per_connection_buffer_limit_bytes lb_policy "
            + "load_assignment health_checks max_requests_per_connection circuit_breakers upstream_http_protocol_options "
            + "common_http_protocol_options http_protocol_options http2_protocol_options typed_extension_protocol_options "
            + "dns_refresh_rate dns_failure_refresh_rate respect_dns_ttl dns_lookup_family outlier_detection cleanup_interval "
            + "upstream_bind_config ring_hash_lb_config maglev_lb_config least_request_lb_config round_robin_lb_config "
            + "common_lb_config transport_socket metadata protocol_selection upstream_connection_options "
            + "close_connections_on_host_health_failure ignore_health_on_host_removal track_timeout_budgets track_cluster_stats "
            + "preconnect_policy load_balancing_policy connection_pool_per_downstream_connection",
        ["envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"] =
            "common_tls_context sni allow_renegotiation max_session_keys enforce_rsa_key_usage",
        ["envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"] =
            "common_tls_context require_client_certificate session_ticket_keys session_ticket_keys_sds_secret_config "
            + "disable_stateless_session_resumption disable_stateful_session_resumption session_timeout ocsp_staple_policy",
        ["envoy.extensions.transport_sockets.tls.v3.CommonTlsContext"] =
            "tls_params tls_certificates tls_certificate_sds_secret_configs validation_context "
            + "validation_context_sds_secret_config combined_validation_context alpn_protocols key_log",
        ["envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext"] =
            "trusted_ca watched_directory match_typed_subject_alt_names match_subject_alt_names allow_expired_certificate "
            + "trust_chain_verification max_verify_depth",
    }.ToFrozenDictionary(
        entry => entry.Key, entry => entry.Value.Split(' ').ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    public static FrozenSet<string>? Of(MessageDescriptor type) => Table.GetValueOrDefault(type.FullName);
}
