namespace OsmExt.DataPlane.Checks;

/// <summary>What is carried out of routes, and what HTTP filters do by themselves or for a route.</summary>
internal static class RouteFields
{
    public static IReadOnlyList<(string, string)> All { get; } =
    [
        ("envoy.config.common.mutation_rules.v3.HeaderMutation", "append remove"),
        ("envoy.config.route.v3.DirectResponseAction", "body status"),
        ("envoy.config.route.v3.FilterConfig", "config disabled is_optional"),
        ("envoy.config.route.v3.HeaderMatcher",
            "contains_match exact_match invert_match name prefix_match present_match range_match safe_regex_match string_match "
            + "suffix_match treat_missing_header_as_empty"),
        ("envoy.config.route.v3.QueryParameterMatcher", "name present_match string_match"),
        ("envoy.config.route.v3.RateLimit", "actions"),
        ("envoy.config.route.v3.RateLimit.Action", "generic_key header_value_match remote_address request_headers"),
        ("envoy.config.route.v3.RateLimit.Action.GenericKey", "descriptor_key descriptor_value"),
        ("envoy.config.route.v3.RateLimit.Action.HeaderValueMatch", "descriptor_key descriptor_value expect_match headers"),
        ("envoy.config.route.v3.RateLimit.Action.RemoteAddress", ""),
        ("envoy.config.route.v3.RateLimit.Action.RequestHeaders", "descriptor_key header_name"),
        ("envoy.config.route.v3.RedirectAction",
            "host_redirect https_redirect path_redirect port_redirect prefix_rewrite response_code scheme_redirect strip_query"),
        ("envoy.config.route.v3.RetryPolicy", "num_retries per_try_timeout retriable_status_codes retry_back_off retry_on"),
        ("envoy.config.route.v3.RetryPolicy.RetryBackOff", "base_interval max_interval"),
        ("envoy.config.route.v3.Route",
            "direct_response match metadata name per_request_buffer_limit_bytes redirect request_headers_to_add request_headers_to_remove "
            + "response_headers_to_add response_headers_to_remove route typed_per_filter_config"),
        ("envoy.config.route.v3.RouteAction",
            "append_x_forwarded_host cluster cluster_header cluster_not_found_response_code hash_policy host_rewrite_literal idle_timeout "
            + "prefix_rewrite priority rate_limits retry_policy timeout weighted_clusters"),
        ("envoy.config.route.v3.RouteAction.HashPolicy", "connection_properties cookie header terminal"),
        ("envoy.config.route.v3.RouteAction.HashPolicy.ConnectionProperties", "source_ip"),
        ("envoy.config.route.v3.RouteAction.HashPolicy.Cookie", "name path ttl"),
        ("envoy.config.route.v3.RouteAction.HashPolicy.Header", "header_name"),
        ("envoy.config.route.v3.RouteConfiguration",
            "ignore_port_in_host_matching max_direct_response_body_size_bytes metadata most_specific_header_mutations_wins name "
            + "request_headers_to_add request_headers_to_remove response_headers_to_add response_headers_to_remove typed_per_filter_config "
            + "validate_clusters vhds virtual_hosts"),
        ("envoy.config.route.v3.RouteMatch",
            "case_sensitive grpc headers path path_separated_prefix prefix query_parameters runtime_fraction safe_regex"),
        ("envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions", ""),
        ("envoy.config.route.v3.Vhds", "config_source"),
        ("envoy.config.route.v3.VirtualHost",
            "domains include_attempt_count_in_response include_request_attempt_count metadata name per_request_buffer_limit_bytes "
            + "rate_limits request_headers_to_add request_headers_to_remove require_tls response_headers_to_add response_headers_to_remove "
            + "retry_policy routes typed_per_filter_config"),
        ("envoy.config.route.v3.WeightedCluster", "clusters total_weight"),
        ("envoy.config.route.v3.WeightedCluster.ClusterWeight",
            "cluster_header host_rewrite_literal name request_headers_to_add request_headers_to_remove response_headers_to_add "
            + "response_headers_to_remove typed_per_filter_config weight"),
        ("envoy.extensions.filters.http.ext_authz.v3.BufferSettings", "allow_partial_message max_request_bytes pack_as_bytes"),
        ("envoy.extensions.filters.http.ext_authz.v3.CheckSettings", "context_extensions disable_request_body_buffering with_request_body"),
        ("envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
            "failure_mode_allow failure_mode_allow_header_add filter_enabled grpc_service include_peer_certificate stat_prefix "
            + "status_on_error transport_api_version with_request_body"),
        ("envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", "check_settings disabled"),
        ("envoy.extensions.filters.http.header_mutation.v3.HeaderMutation", "mutations"),
        ("envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute", "mutations"),
        ("envoy.extensions.filters.http.header_mutation.v3.Mutations", "request_mutations response_mutations"),
        ("envoy.extensions.filters.http.health_check.v3.HealthCheck", "headers pass_through_mode"),
        ("envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
            "filter_enabled filter_enforced response_headers_to_add stat_prefix status token_bucket"),
        ("envoy.extensions.filters.http.rbac.v3.RBAC", "rules"),
        ("envoy.extensions.filters.http.rbac.v3.RBACPerRoute", "rbac"),
        ("envoy.extensions.filters.http.router.v3.Router", ""),
    ];
}
