using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy.Rules;
using OsmExt.Envoy.Tests.Samples;

namespace OsmExt.Envoy.Tests.Rules;

public class EnvoyRulesTests
{
    [Theory]
    [MemberData(nameof(Sample.Names), MemberType = typeof(Sample))]
    public void What_Envoy_takes_passes(string name) => Assert.Empty(EnvoyRules.Check(Sample.Message(name)));

    [Fact]
    public void Every_rule_of_the_API_is_understood()
        => Assert.Empty(EnvoyTypes.All
            .SelectMany(type => type.Fields.InDeclarationOrder())
            .SelectMany(field => new RuleSet(field).Unknown.Select(kind => $"{field.FullName} {kind}")));

    [Fact]
    public void Every_kind_of_rule_the_API_uses_has_an_example_below()
    {
        // These two only choose what others apply to.
        string[] shownByOthers = ["string.strict", "repeated.items"];

        Assert.Empty(RuleKinds.Used().Except(Broken.Select(row => (string)row[0])).Except(shownByOthers));
    }

    public static TheoryData<string, string, string, string> Broken => new()
    {
        { "any.required", "envoy.config.core.v3.TypedExtensionConfig", "name: a", "typed_config: must be set" },
        { "bool.const", "envoy.config.rbac.v3.Principal", "any: false", "any: must be true" },
        { "bytes.max_len", "envoy.config.core.v3.HeaderValue", $"{{key: a, raw_value: {new string('A', 21848)}}}",
            "raw_value: must have at most 16384 bytes, has 16386" },
        { "bytes.min_len", "envoy.config.tap.v3.HttpGenericBodyMatch.GenericTextMatch", "binary_match: \"\"", "binary_match: must not be empty" },
        { "double.gt", "envoy.config.core.v3.RateLimitSettings", "fill_rate: 0.0", "fill_rate: must be more than 0, is 0" },
        { "double.gte", "envoy.type.v3.Percent", "value: -0.5", "value: must be at least 0 and at most 100, is -0.5" },
        { "double.lte", "envoy.type.v3.Percent", "value: 100.5", "value: must be at least 0 and at most 100, is 100.5" },
        { "duration.gt", "envoy.config.cluster.v3.Cluster", "{name: a, connect_timeout: 0s}", "connect_timeout: must be more than 0s, is 0s" },
        { "duration.gte", "envoy.type.http.v3.Cookie", "{name: a, ttl: -0.000000001s}", "ttl: must be at least 0s, is -0.000000001s" },
        { "duration.lt", "envoy.config.core.v3.HttpUri", "{uri: a, cluster: b, timeout: 4294967296s}",
            "timeout: must be at least 0s and less than 4294967296s, is 4294967296s" },
        { "duration.lte", "envoy.config.core.v3.QuicProtocolOptions", "idle_network_timeout: 601s",
            "idle_network_timeout: must be at least 1s and at most 600s, is 601s" },
        { "duration.required", "envoy.config.core.v3.HttpUri", "{uri: a, cluster: b}", "timeout: must be set" },
        { "enum.defined_only", "envoy.config.rbac.v3.RBAC", "action: 9", "action: must be a value of envoy.config.rbac.v3.RBAC.Action, is 9" },
        { "enum.not_in", "envoy.type.v3.HttpStatus", "{}", "code: must not be Empty" },
        { "float.gte", "envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin",
            "error_utilization_penalty: -1", "error_utilization_penalty: must be at least 0, is -1" },
        { "int32.gt", "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig", "{}", "update_frequency: must be more than 0, is 0" },
        { "int64.gt", "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig", "{}",
            "max_active_downstream_connections: must be more than 0, is 0" },
        { "map.keys", "envoy.config.core.v3.Metadata", "filter_metadata: {\"\": {}}", "filter_metadata[\"\"]: must not be empty" },
        { "map.min_pairs", "xds.type.matcher.v3.Matcher.MatcherTree.MatchMap", "{}", "map: must not be empty" },
        { "message.required", "envoy.config.route.v3.Route", "direct_response: {status: 200}", "match: must be set" },
        { "oneof.required", "envoy.config.core.v3.Address", "{}", "must set one of socket_address, pipe, envoy_internal_address" },
        { "repeated.max_items", "envoy.config.route.v3.InternalRedirectPolicy", "redirect_response_codes: [301, 302, 303, 307, 308, 300]",
            "redirect_response_codes: must have at most 5 items, has 6" },
        { "repeated.min_items", "envoy.config.route.v3.VirtualHost", "name: a", "domains: must not be empty" },
        { "repeated.unique", "envoy.config.route.v3.InternalRedirectPolicy", "response_headers_to_copy: [a, b, a]",
            "response_headers_to_copy: must not have an item twice, has \"a\" twice" },
        { "string.ignore_empty", "envoy.config.core.v3.UpstreamHttpProtocolOptions", "override_auto_sni_header: \"a b\"",
            "override_auto_sni_header: must be the name of an HTTP header" },
        { "string.in", "envoy.config.core.v3.SchemeHeaderTransformation", "scheme_to_overwrite: ftp", "scheme_to_overwrite: must be one of http, https" },
        { "string.max_bytes", "envoy.config.core.v3.HeaderValue", $"key: {new string('é', 8193)}", "key: must have at most 16384 bytes, has 16386" },
        { "string.max_len", "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig", $"path_template: {new string('é', 257)}",
            "path_template: must have at most 256 characters, has 257" },
        { "string.min_len", "envoy.config.core.v3.Pipe", "{}", "path: must not be empty" },
        { "string.pattern", "envoy.config.route.v3.RouteMatch", "path_separated_prefix: /a/", "path_separated_prefix: must match ^[^?#]+[^?#/]$" },
        { "string.well_known_regex", "envoy.config.core.v3.HeaderValue", "{key: \"a\\nb\", value: \"c\\0\"}",
            "key: must not contain line ends or NUL\nvalue: must not contain line ends or NUL" },
        { "uint32.gt", "envoy.type.v3.TokenBucket", "{max_tokens: 0, fill_interval: 1s}", "max_tokens: must be more than 0, is 0" },
        { "uint32.gte", "envoy.config.route.v3.DirectResponseAction", "status: 199", "status: must be at least 200 and less than 600, is 199" },
        { "uint32.lt", "envoy.config.route.v3.DirectResponseAction", "status: 600", "status: must be at least 200 and less than 600, is 600" },
        { "uint32.lte", "envoy.config.listener.v3.FilterChainMatch", "{source_ports: [1, 65536], destination_port: 1}",
            "source_ports[1]: must be at least 1 and at most 65535, is 65536" },
        { "uint64.gt", "envoy.config.core.v3.UdpSocketConfig", "max_rx_datagram_size: 0",
            "max_rx_datagram_size: must be more than 0 and less than 65536, is 0" },
        { "uint64.gte", "envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit", "{stat_prefix: a, max_connections: 0}",
            "max_connections: must be at least 1, is 0" },
        { "uint64.lt", "envoy.config.core.v3.UdpSocketConfig", "max_rx_datagram_size: 65536",
            "max_rx_datagram_size: must be more than 0 and less than 65536, is 65536" },
        { "uint64.lte", "envoy.config.cluster.v3.Cluster.MaglevLbConfig", "table_size: 5000012", "table_size: must be at most 5000011, is 5000012" },
        { "negative duration", "envoy.config.route.v3.RouteAction", "{cluster: a, timeout: -0.1s}", "timeout: must not be negative" },
        { "deprecated field", "envoy.config.route.v3.RateLimit", "actions: [{dynamic_metadata: {descriptor_key: a, metadata_key: {key: b, path: [{key: c}]}}}]",
            "actions[0].dynamic_metadata: is no longer allowed by Envoy unless its runtime says so" },
        { "deprecated value", "envoy.config.trace.v3.ZipkinConfig", "{collector_cluster: a, collector_endpoint: b}",
            "collector_endpoint_version: must not be DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE, which Envoy no longer allows" },
        { "regular expression", "envoy.type.matcher.v3.RegexMatcher", "regex: \"a**\"",
            "regex: must be a pattern Envoy takes: a repetition of a repetition, at character 3" },
        { "regular expression", "xds.type.matcher.v3.StringMatcher", "safe_regex: {google_re2: {}, regex: \"(\"}",
            "safe_regex.regex: must be a pattern Envoy takes: a group without its closing parenthesis, at character 1" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_told_with_its_path(string kind, string type, string text, string violations)
    {
        var message = Sample.Read(text, EnvoyTypes.Find(type)!);

        Assert.Equal((kind, violations), (kind, string.Join('\n', EnvoyRules.Check(message))));
    }

    [Fact]
    public void Only_what_is_there_is_checked()
    {
        // An unset member of a oneof, an unset wrapper, an unset duration, an empty text that may be empty.
        Assert.Empty(EnvoyRules.Check(new DataSource { InlineString = "a" }));
        Assert.Empty(EnvoyRules.Check(new UdpSocketConfig()));
        Assert.Empty(EnvoyRules.Check(new Cluster { Name = "a" }));
        Assert.Empty(EnvoyRules.Check(new UpstreamHttpProtocolOptions()));
        Assert.Empty(EnvoyRules.Check(new Struct { Fields = { [""] = Value.ForNull() } }));
    }

    [Fact]
    public void Packed_messages_are_checked_with_the_path_through_them()
    {
        var manager = new HttpConnectionManager
        {
            StatPrefix = "a",
            RouteConfig = Sample.Read<RouteConfiguration>("virtual_hosts: [{name: all, routes: [{match: {prefix: /}}]}]"),
            HttpFilters = { new HttpFilter { Name = "x", TypedConfig = Packed("type.googleapis.com/not.known.Here") } },
        };
        var chain = new FilterChain
        {
            Filters =
            {
                new global::Envoy.Config.Listener.V3.Filter { Name = "hcm", TypedConfig = Any.Pack(Any.Pack(manager)) },
                new global::Envoy.Config.Listener.V3.Filter { TypedConfig = Packed(TypeUrls.Cluster) },
            },
        };

        Assert.Equal(
            [
                "filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].domains: must not be empty",
                "filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0]: "
                    + "must set one of route, redirect, direct_response, filter_action, non_forwarding_action",
                "filter_chains[0].filters[1].name: must not be empty",
                "filter_chains[0].filters[1].typed_config: holds bytes that are no envoy.config.cluster.v3.Cluster",
            ],
            EnvoyRules.Check(new Listener { Name = "l", FilterChains = { chain } }).Select(violation => violation.ToString()));
    }

    private static Any Packed(string typeUrl) => new() { TypeUrl = typeUrl, Value = ByteString.CopyFromUtf8("??") };

    [Fact]
    public void Patterns_may_be_larger_where_the_proxies_allow_it()
    {
        var match = new RouteMatch { SafeRegex = new() { Regex = new('a', 200) } };

        Assert.Equal("safe_regex.regex", Assert.Single(EnvoyRules.Check(match)).Path);
        Assert.Empty(EnvoyRules.Check(match, maxProgramSize: 1000));
    }
}
