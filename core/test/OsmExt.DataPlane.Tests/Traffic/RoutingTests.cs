using System.Net;
using Envoy.Config.Route.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Tests.Traffic;

public class RoutingTests
{
    [Theory]
    [InlineData("/answer", 418, "I am a teapot", "", "direct_response")]
    [InlineData("/moved?q=1", 308, "", "https://example.com:8443/moved?q=1", "direct_response")]
    [InlineData("/prefix/rest?q=1", 301, "", "http://example.com/other/rest?q=1", "direct_response")]
    [InlineData("/strip?q=1", 302, "", "http://example.com/path", "direct_response")]
    [InlineData("/nowhere", 404, "", "", "route_not_found")]
    [InlineData("/no-cluster", 503, "", "", "cluster_not_found")]
    [InlineData("/empty", 503, "no healthy upstream", "", "no_healthy_upstream")]
    public async Task What_the_proxy_answers_itself(string path, int status, string body, string location, string details)
    {
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("""
                - {match: {path: /answer}, direct_response: {status: 418, body: {inline_string: I am a teapot}}}
                - {match: {path: /moved}, redirect: {https_redirect: true, port_redirect: 8443, response_code: PERMANENT_REDIRECT}}
                - {match: {prefix: /prefix}, redirect: {prefix_rewrite: /other}}
                - {match: {path: /strip}, redirect: {path_redirect: /path, strip_query: true, response_code: FOUND}}
                - {match: {path: /no-cluster}, route: {cluster: missing}}
                - {match: {path: /empty}, route: {cluster: empty}}
                """),
            OneProxy.Cluster("empty", ""),
        ]);
        using var client = Client(proxy);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "example.com" } };

        using var answer = await client.SendAsync(request);

        Assert.Equal((status, body, location), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.Location?.ToString() ?? ""));
        Assert.Equal((status, details), ((await proxy.RecordAsync()).ResponseCode, (await proxy.RecordAsync()).ResponseCodeDetails));
    }

    [Fact]
    public async Task An_answer_of_the_proxys_own_has_its_headers_overwritten()
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("""
            - match: {prefix: /}
              direct_response: {status: 200, body: {inline_string: <p>}}
              response_headers_to_add:
              - {header: {key: content-type, value: text/html}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}
              - {header: {key: content-type, value: text/css}, append_action: ADD_IF_ABSENT}
            """)]);
        using var client = Client(proxy);

        using var answer = await client.GetAsync("/");

        Assert.Equal(["text/html"], answer.Content.Headers.NonValidated["content-type"]);
    }

    [Fact]
    public async Task Nobody_at_the_endpoint_is_told_apart_from_no_endpoint()
    {
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", Unused())]);
        using var client = Client(proxy);

        using var answer = await client.GetAsync("/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.StartsWith("upstream connect error or disconnect/reset before headers. reset reason: remote connection failure", await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Equal(["UF"], (await proxy.RecordAsync()).ResponseFlags);
    }

    [Fact]
    public async Task Path_host_and_headers_are_changed_on_the_way()
    {
        await using var server = await TestServer.HttpAsync(context =>
        {
            context.Response.Headers["x-secret"] = "hush";
            return context.Response.WriteAsync(string.Join('|', context.Request.Path + context.Request.QueryString, context.Request.Host.ToString(),
                context.Request.Headers["x-envoy-original-path"], context.Request.Headers["x-added"], context.Request.Headers["x-removed"],
                context.Request.Headers["x-forwarded-proto"], context.Request.Headers["x-request-id"].ToString().Length, context.Request.Headers["x-forwarded-client-cert"]));
        });
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("""
                - match: {prefix: /old/}
                  route: {cluster: c, prefix_rewrite: /, host_rewrite_literal: other.example}
                  request_headers_to_add: [{header: {key: x-added, value: "100%% sure"}}]
                  request_headers_to_remove: [x-removed]
                  response_headers_to_remove: [x-secret]
                  response_headers_to_add: [{header: {key: x-answer, value: "42"}}]
                """),
            OneProxy.Cluster("c", "", server.Address),
        ]);
        using var client = Client(proxy);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/old/a%2fb?x=1")
        {
            Headers = { { "x-removed", "1" }, { "x-forwarded-client-cert", "URI=spiffe://forged" } },
        };

        using var answer = await client.SendAsync(request);

        Assert.Equal("/a%2fb?x=1|other.example|/old/a%2fb?x=1|100% sure||http|36|", await answer.Content.ReadAsStringAsync());
        Assert.Equal("42", answer.Headers.GetValues("x-answer").Single());
        Assert.False(answer.Headers.Contains("x-secret"));
        Assert.True(answer.Headers.Contains("x-envoy-upstream-service-time"));
    }

    [Fact]
    public async Task Weights_share_requests_out()
    {
        await using var one = await TestServer.HttpAsync(context => context.Response.WriteAsync("one"));
        await using var two = await TestServer.HttpAsync(context => context.Response.WriteAsync("two"));
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {weighted_clusters: {clusters: [{name: one, weight: 90}, {name: two, weight: 10}]}}}"),
            OneProxy.Cluster("one", "", one.Address),
            OneProxy.Cluster("two", "", two.Address),
        ], new() { Chance = new(new Random(7)) });
        using var client = Client(proxy);

        var second = 0;
        for (var request = 0; request < 300; request++)
        {
            second += await client.GetStringAsync("/") == "two" ? 1 : 0;
        }

        Assert.InRange(second, 15, 50);
    }

    internal static HttpClient Client(OneProxy proxy, int version = 1) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        BaseAddress = proxy.Uri,
        DefaultRequestVersion = new(version, version == 1 ? 1 : 0),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    internal static IPEndPoint Unused()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new(IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port);
    }
}
