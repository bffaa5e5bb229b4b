namespace OsmExt.DataPlane.Checks;

/// <summary>What is carried out of listeners, and the filters of their chains.</summary>
internal static class ListenerFields
{
    public static IReadOnlyList<(string, string)> All { get; } =
    [
        ("envoy.config.accesslog.v3.AccessLog", "filter name typed_config"),
        ("envoy.config.accesslog.v3.AccessLogFilter", "and_filter duration_filter or_filter response_flag_filter runtime_filter status_code_filter"),
        ("envoy.config.accesslog.v3.AndFilter", "filters"),
        ("envoy.config.accesslog.v3.ComparisonFilter", "op value"),
        ("envoy.config.accesslog.v3.DurationFilter", "comparison"),
        ("envoy.config.accesslog.v3.OrFilter", "filters"),
        ("envoy.config.accesslog.v3.ResponseFlagFilter", "flags"),
        ("envoy.config.accesslog.v3.RuntimeFilter", "percent_sampled runtime_key use_independent_randomness"),
        ("envoy.config.accesslog.v3.StatusCodeFilter", "comparison"),
        ("envoy.config.core.v3.SubstitutionFormatString", "formatters json_format text_format_source"),
        ("envoy.config.listener.v3.AdditionalAddress", "address"),
        ("envoy.config.listener.v3.Filter", "name typed_config"),
        ("envoy.config.listener.v3.FilterChain", "filter_chain_match filters metadata name transport_socket transport_socket_connect_timeout"),
        ("envoy.config.listener.v3.FilterChainMatch",
            "application_protocols destination_port direct_source_prefix_ranges prefix_ranges server_names source_ports "
            + "source_prefix_ranges source_type transport_protocol"),
        ("envoy.config.listener.v3.Listener",
            "access_log additional_addresses address bind_to_port continue_on_listener_filters_timeout default_filter_chain filter_chains "
            + "listener_filters listener_filters_timeout metadata name per_connection_buffer_limit_bytes stat_prefix traffic_direction "
            + "use_original_dst"),
        ("envoy.config.listener.v3.ListenerFilter", "name typed_config"),
        ("envoy.config.rbac.v3.Permission",
            "and_rules any destination_ip destination_port destination_port_range header not_rule or_rules requested_server_name url_path"),
        ("envoy.config.rbac.v3.Permission.Set", "rules"),
        ("envoy.config.rbac.v3.Policy", "permissions principals"),
        ("envoy.config.rbac.v3.Principal", "and_ids any authenticated direct_remote_ip header not_id or_ids remote_ip source_ip url_path"),
        ("envoy.config.rbac.v3.Principal.Authenticated", "principal_name"),
        ("envoy.config.rbac.v3.Principal.Set", "ids"),
        ("envoy.config.rbac.v3.RBAC", "action policies"),
        ("envoy.extensions.access_loggers.file.v3.FileAccessLog", "log_format path"),
        ("envoy.extensions.access_loggers.stats.v3.Config", "*"),
        ("envoy.extensions.access_loggers.stream.v3.StderrAccessLog", "log_format"),
        ("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", "log_format"),
        ("envoy.extensions.filters.listener.http_inspector.v3.HttpInspector", ""),
        ("envoy.extensions.filters.listener.original_dst.v3.OriginalDst", ""),
        ("envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector", ""),
        ("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "access_log always_set_request_id_in_response codec_type common_http_protocol_options drain_timeout "
            + "forward_client_cert_details generate_request_id http2_protocol_options http_filters http_protocol_options "
            + "max_request_headers_kb merge_slashes normalize_path path_with_escaped_slashes_action preserve_external_request_id rds "
            + "request_headers_timeout route_config scheme_header_transformation server_header_transformation server_name set_current_client_cert_details skip_xff_append "
            + "stat_prefix stream_idle_timeout strip_any_host_port strip_matching_host_port strip_trailing_host_dot upgrade_configs "
            + "use_remote_address via xff_num_trusted_hops"),
        ("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails",
            "cert chain dns subject uri"),
        ("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig", "upgrade_type"),
        ("envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter", "disabled name typed_config"),
        ("envoy.extensions.filters.network.http_connection_manager.v3.Rds", "config_source route_config_name"),
        ("envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit", "stat_prefix token_bucket"),
        ("envoy.extensions.filters.network.rbac.v3.RBAC", "rules stat_prefix"),
        ("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            "access_log cluster idle_timeout max_connect_attempts stat_prefix weighted_clusters"),
        ("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster", "clusters"),
        ("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight", "name weight"),
        ("envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery", ""),
    ];
}
