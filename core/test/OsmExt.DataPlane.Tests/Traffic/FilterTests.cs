using System.Net;
using Envoy.Service.Auth.V3;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class FilterTests
{
    private const string Limit = """
        - name: limit
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
            stat_prefix: limit
            token_bucket: {max_tokens: 2, tokens_per_fill: 1, fill_interval: 3600s}
            filter_enabled: {default_value: {numerator: 100}}
            filter_enforced: {default_value: {numerator: 100}}
            response_headers_to_add: [{header: {key: x-limited, value: "yes"}}]
        """;

    private const string Authorize = """
        - name: authz
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
            transport_api_version: V3
            grpc_service: {envoy_grpc: {cluster_name: judge}, timeout: 5s}
            with_request_body: {max_request_bytes: 10, allow_partial_message: true}
        """;

    private const string Http2 = """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {}}
        """;

    [Fact]
    public async Task What_exceeds_a_local_limit_is_turned_away()
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, direct_response: {status: 204}}", filters: Limit)]);
        using var client = RoutingTests.Client(proxy);

        Assert.Equal(HttpStatusCode.NoContent, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.GetAsync("/")).StatusCode);
        using var limited = await client.GetAsync("/");

        Assert.Equal((HttpStatusCode.TooManyRequests, "local_rate_limited", "yes"),
            (limited.StatusCode, await limited.Content.ReadAsStringAsync(), limited.Headers.GetValues("x-limited").Single()));
    }

    [Fact]
    public async Task An_authorization_server_decides_by_what_it_is_shown()
    {
        CheckRequest? shown = null;
        await using var judge = await TestServer.HttpAsync(async context => await AnswerAsync(context, request =>
        {
            shown = request;
            return request.Attributes.Request.Http.Path == "/allowed"
                ? new() { Status = new(), OkResponse = new() { Headers = { new global::Envoy.Config.Core.V3.HeaderValueOption { Header = new() { Key = "x-user", Value = "ann" } } } } }
                : new() { Status = new() { Code = 7 }, DeniedResponse = new() { Status = new() { Code = (global::Envoy.Type.V3.StatusCode)401 }, Body = "who are you?" } };
        }), HttpProtocols.Http2);
        await using var server = await TestServer.HttpAsync(async context =>
            await context.Response.WriteAsync($"{context.Request.Headers["x-user"]} {await new StreamReader(context.Request.Body).ReadToEndAsync()}"));
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}", filters: Authorize),
            OneProxy.Cluster("c", "", server.Address),
            OneProxy.Cluster("judge", Http2, judge.Address),
        ]);
        using var client = RoutingTests.Client(proxy);

        using var allowed = await client.PostAsync("/allowed", new StringContent("a body longer than is shown"));
        Assert.Equal("ann a body longer than is shown", await allowed.Content.ReadAsStringAsync());
        Assert.Equal("a body lon", shown!.Attributes.Request.Http.Body);
        using var denied = await client.GetAsync("/other");
        Assert.Equal((HttpStatusCode.Unauthorized, "who are you?"), (denied.StatusCode, await denied.Content.ReadAsStringAsync()));
        Assert.Equal(["UAEX"], (await proxy.RecordAsync(1)).ResponseFlags);
    }

    [Theory]
    [InlineData("", HttpStatusCode.Forbidden)]
    [InlineData("    failure_mode_allow: true", HttpStatusCode.NoContent)]
    public async Task An_authorization_server_that_does_not_answer_lets_nobody_in_unless_the_filter_says_so(string mode, HttpStatusCode expected)
    {
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, direct_response: {status: 204}}", filters: $"{Authorize}\n{mode}"),
            OneProxy.Cluster("judge", Http2, RoutingTests.Unused()),
        ]);
        using var client = RoutingTests.Client(proxy);

        Assert.Equal(expected, (await client.GetAsync("/")).StatusCode);
    }

    [Fact]
    public void What_is_not_carried_out_is_refused_with_path_and_type()
    {
        var lua = OsmExt.Envoy.EnvoyReader.Read("""
            name: x
            address: {socket_address: {address: 127.0.0.1, port_value: 1}}
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: x
                  rds: {route_config_name: r, config_source: {ads: {}, resource_api_version: V3}}
                  http_filters:
                  - {name: lua, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}}
            """, global::Envoy.Config.Listener.V3.Listener.Descriptor).Message!;

        Assert.Equal("filter_chains[0].filters[0].typed_config.http_filters[0].typed_config: envoy.extensions.filters.http.lua.v3.Lua is not carried out here",
            Assert.Single(Checks.Some.Check(Compiler.Translation.BootstrapConfig.MaxRegexProgram).Reasons(lua)));
    }

    // A gRPC message is a flag, a length and bytes.
    private static async Task AnswerAsync(HttpContext context, Func<CheckRequest, CheckResponse> decide)
    {
        using var asked = new MemoryStream();
        await context.Request.Body.CopyToAsync(asked);
        var answer = decide(CheckRequest.Parser.ParseFrom(asked.ToArray().AsSpan(5))).ToByteArray();
        context.Response.ContentType = "application/grpc";
        byte[] head = [0, 0, 0, (byte)(answer.Length >> 8), (byte)answer.Length];
        await context.Response.Body.WriteAsync(head);
        await context.Response.Body.WriteAsync(answer);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
