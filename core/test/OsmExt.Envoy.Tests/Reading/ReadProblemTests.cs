using Envoy.Config.Cluster.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;

namespace OsmExt.Envoy.Tests.Reading;

/// <summary>What is said about each kind of mistake, one at a time, in a cluster.</summary>
public class ReadProblemTests
{
    [Theory]
    [InlineData("name: 5", "name (1:7): expected text, found the number 5; write it in quotes")]
    [InlineData("name: true", "name (1:7): expected text, found the boolean true; write it in quotes")]
    [InlineData("name: [a]", "name (1:7): expected text, found a list")]
    [InlineData("name: a\naltStatName: b\nalt_stat_name: c", "alt_stat_name (3:1): 'altStatName' and 'alt_stat_name' are the same field; write it once")]
    [InlineData("type: EDS\ncluster_type: {name: a}",
        "cluster_type (2:1): 'type' and 'cluster_type' are alternatives of 'cluster_discovery_type'; set only one")]
    [InlineData("type: EDSS", "type (1:7): expected one of STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST, found the text \"EDSS\"; did you mean 'EDS'?")]
    [InlineData("type: 1.5", "type (1:7): expected one of STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST, found the number 1.5")]
    [InlineData("respect_dns_ttl: yes", "respect_dns_ttl (1:18): expected true or false, found the text \"yes\"")]
    [InlineData("respect_dns_ttl: \"true\"", "respect_dns_ttl (1:18): expected true or false, found the text \"true\"")]
    [InlineData("connect_timeout: 5", "connect_timeout (1:18): expected a duration in seconds, such as 5s or 0.25s, found the number 5")]
    [InlineData("connect_timeout: {seconds: 5}", "connect_timeout (1:18): expected a duration in seconds, such as 5s or 0.25s, found a mapping")]
    [InlineData("connect_timeout: 999999999999s",
        "connect_timeout (1:18): expected a duration in seconds, such as 5s or 0.25s, found the text \"999999999999s\"")]
    [InlineData("health_checks: {timeout: 1s}", "health_checks (1:16): expected a list, found a mapping")]
    [InlineData("health_checks: [~]", "health_checks[0] (1:17): expected a value, found null")]
    [InlineData("health_checks: [1]", "health_checks[0] (1:17): expected a mapping (envoy.config.core.v3.HealthCheck), found the number 1")]
    [InlineData("health_checks: [{event_log_path: x}, {interval: x}]",
        "health_checks[1].interval (1:49): expected a duration in seconds, such as 5s or 0.25s, found the text \"x\"")]
    [InlineData("per_connection_buffer_limit_bytes: 4294967296",
        "per_connection_buffer_limit_bytes (1:36): the number 4294967296 is out of range; expected 0 to 4294967295")]
    [InlineData("per_connection_buffer_limit_bytes: 1.5", "per_connection_buffer_limit_bytes (1:36): expected a whole number, found the number 1.5")]
    [InlineData("per_connection_buffer_limit_bytes: 0644",
        "per_connection_buffer_limit_bytes (1:36): the number 0644 may mean an octal number; write it in decimal, without a leading zero")]
    [InlineData("per_connection_buffer_limit_bytes: 0x10", "per_connection_buffer_limit_bytes (1:36): expected a whole number, found the text \"0x10\"")]
    [InlineData("ring_hash_lb_config: {maximum_ring_size: \"18446744073709551616\"}",
        "ring_hash_lb_config.maximum_ring_size (1:42): the text \"18446744073709551616\" is out of range; expected 0 to 18446744073709551615")]
    [InlineData("upstream_config: {typed_config: {}}", "upstream_config.typed_config (1:33): \"@type\" is missing")]
    [InlineData("upstream_config: {typed_config: {\"@type\": 5}}",
        "upstream_config.typed_config[\"@type\"] (1:43): unknown type URL \"5\"; what this build does not know can be sent as xds.type.v3.TypedStruct")]
    [InlineData("upstream_config: {typed_config: {\"@type\": envoy.config.cluster.v3.Cluster}}",
        "upstream_config.typed_config[\"@type\"] (1:43): unknown type URL \"envoy.config.cluster.v3.Cluster\"; what this build does not know can be sent as "
        + "xds.type.v3.TypedStruct; did you mean 'type.googleapis.com/envoy.config.cluster.v3.Cluster'?")]
    [InlineData("upstream_config: {typed_config: {\"@type\": type.googleapis.com/google.protobuf.Duration, seconds: 1}}",
        "upstream_config.typed_config.seconds (1:89): unknown field \"seconds\"; google.protobuf.Duration has only \"value\" beside \"@type\"",
        "upstream_config.typed_config (1:33): \"value\" is missing; google.protobuf.Duration is written as \"@type\" and \"value\"")]
    [InlineData("metadata: {filter_metadata: {osm: {big: 9007199254740993}}}",
        "metadata.filter_metadata.osm.big (1:41): the number 9007199254740993 would lose digits here; write it in quotes")]
    [InlineData("metadata: {filter_metadata: {a.b: [x]}}", "metadata.filter_metadata[\"a.b\"] (1:35): expected a mapping, found a list")]
    [InlineData("\"na me\": 1", "[\"na me\"] (1:1): unknown field \"na me\" in envoy.config.cluster.v3.Cluster; did you mean 'name'?")]
    [InlineData("<<: {name: a}", "[\"<<\"] (1:1): unknown field \"<<\" in envoy.config.cluster.v3.Cluster")]
    [InlineData("- name: a", " (1:1): expected a mapping (envoy.config.cluster.v3.Cluster), found a list")]
    [InlineData("", " (1:1): the text is empty; expected envoy.config.cluster.v3.Cluster")]
    [InlineData("# nothing", " (1:1): the text is empty; expected envoy.config.cluster.v3.Cluster")]
    [InlineData("name: a\n---\nname: b", " (3:1): a second document; expected only one")]
    [InlineData("name: a\nname: b", " (2:1): Duplicate key name")]
    [InlineData("name: [a", " (2:1): While parsing a flow sequence, did not find expected ',' or ']'")]
    [InlineData("{name: a}: b", " (1:1): a key must be a single word or text, not a mapping or a list")]
    [InlineData("name: &n a\n*n : b", " (2:1): a key must be written out, not be an alias")]
    public void A_mistake_is_named_with_its_place(string text, params string[] problems)
    {
        var result = EnvoyReader.Read(text, Cluster.Descriptor);

        Assert.Null(result.Message);
        Assert.Equal(problems.Select(problem => problem.TrimStart()), result.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("tls_certificate: {private_key: hunter2}",
        "tls_certificate.private_key (1:32): expected a mapping (envoy.config.core.v3.DataSource), found something not repeated here")]
    [InlineData("tls_certificate: {password: {inline_string: 1234}}",
        "tls_certificate.password.inline_string (1:45): expected text, found something not repeated here; write it in quotes")]
    [InlineData("tls_certificate: {private_key: {inline_bytes: hunter2!}, ocsp_staple: {inline_bytes: \"*\"}}",
        "tls_certificate.private_key.inline_bytes (1:47): expected bytes in base64, found something not repeated here",
        "tls_certificate.ocsp_staple.inline_bytes (1:86): expected bytes in base64, found the text \"*\"")]
    public void A_secret_is_not_repeated(string text, params string[] problems)
        => Assert.Equal(problems, EnvoyReader.Read(text, Secret.Descriptor).Problems.Select(problem => problem.ToString()));
}
