using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Rbac;

namespace OsmExt.Simulation.Tests.Http;

public class ExternalAuthorizationTests
{
    private const string Asks = "grpc_service: {envoy_grpc: {cluster_name: judge}}";
    private const string Off = "filter_enabled: {default_value: {numerator: 0}}";

    private static readonly ProxyConfiguration Proxy = new("p",
    [
        Yaml.Resource<Cluster>("judge", "{name: judge, type: STATIC}"),
        Yaml.Resource<Cluster>("empty", "{name: empty, type: EDS, eds_cluster_config: {service_name: none}}"),
        Yaml.Resource<ClusterLoadAssignment>("none", "{cluster_name: none}"),
    ], null);

    [Theory]
    [InlineData(AuthorizerAnswer.Allow, null)]
    [InlineData(AuthorizerAnswer.Deny, 403)]
    public void An_assumed_answer_decides(AuthorizerAnswer answer, int? status) => Assert.Equal(status, Judge(Asks, answer)?.Status);

    [Theory]
    [InlineData(Asks)]
    [InlineData(Asks + "\nfailure_mode_allow: true")]
    [InlineData(Asks + "\nfilter_enabled: {default_value: {numerator: 50}}")]
    [InlineData(Asks + "\nfilter_enabled: {default_value: {numerator: 0}, runtime_key: k}")]
    // Long enough for a refusal, or its refusals count.
    [InlineData("failure_mode_allow: true\ngrpc_service: {envoy_grpc: {cluster_name: judge, max_receive_message_length: 4}}")]
    [InlineData("grpc_service: {envoy_grpc: {cluster_name: judge, max_receive_message_length: 3}}")]
    public void What_the_server_answers_is_no_guess(string filter) => Assert.Throws<UndecidedException>(() => Judge(filter));

    [Theory]
    [InlineData("http_service: {server_uri: {uri: http://judge, cluster: judge, timeout: 1s}}")]
    [InlineData(Asks + "\nclear_route_cache: true")]
    public void With_an_assumed_answer_what_is_not_known_is_no_guess_either(string filter)
        => Assert.Throws<UndecidedException>(() => Judge(filter, AuthorizerAnswer.Allow));

    [Theory]
    [InlineData(Asks + "\n" + Off, null)]
    [InlineData("failure_mode_allow: true\ngrpc_service: {envoy_grpc: {cluster_name: judge, max_receive_message_length: 3}}", null)]
    [InlineData("grpc_service: {envoy_grpc: {cluster_name: nowhere}}", 403)]
    [InlineData("grpc_service: {envoy_grpc: {cluster_name: empty}}", 403)]
    [InlineData("status_on_error: {code: ServiceUnavailable}\ngrpc_service: {envoy_grpc: {cluster_name: empty}}", 503)]
    [InlineData("failure_mode_allow: true\ngrpc_service: {envoy_grpc: {cluster_name: empty}}", null)]
    public void Where_no_answer_counts_none_is_needed(string filter, int? status)
    {
        Assert.Equal(status, Judge(filter)?.Status);
        // Nobody is asked, so an answer changes nothing.
        Assert.Equal(status, Judge(filter, AuthorizerAnswer.Allow)?.Status);
    }

    [Fact]
    public void A_virtual_host_may_turn_it_off() => Assert.Null(Judge(Asks, special: "disabled: true"));

    [Fact]
    public void Context_does_not() => Assert.Throws<UndecidedException>(() => Judge(Asks, special: "check_settings: {context_extensions: {a: b}}"));

    private static Reply? Judge(string filter, AuthorizerAnswer answer = default, string? special = null)
    {
        var connection = new Connection(IPEndPoint.Parse("10.1.0.1:5"), IPEndPoint.Parse("10.0.0.7:80"), Payload.Http1, null);
        var context = new AccessContext(new(connection, connection.Destination), null, false, new("GET", "h", "/") { Authorizer = answer }, EnvoyRelease.Newest);
        return ExternalAuthorization.Judge(
            Yaml.Read<ExtAuthz>(filter), special is null ? null : Yaml.Read<ExtAuthzPerRoute>(special), "virtual host h", "f", Proxy, context, static (_, _, _) => { });
    }
}
