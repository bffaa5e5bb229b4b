using System.Net;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class RetryTests
{
    [Theory]
    [InlineData("5xx", 3, 2, HttpStatusCode.OK)]
    [InlineData("5xx", 1, 2, HttpStatusCode.BadGateway)]
    [InlineData("gateway-error", 3, 2, HttpStatusCode.OK)]
    [InlineData("retriable-4xx", 3, 2, HttpStatusCode.BadGateway)]
    [InlineData("connect-failure", 3, 2, HttpStatusCode.BadGateway)]
    public async Task An_answer_that_calls_for_it_is_asked_for_again_with_the_same_body(string on, int retries, int failures, HttpStatusCode expected)
    {
        var bodies = new List<string>();
        await using var server = await TestServer.HttpAsync(async context =>
        {
            bodies.Add(await new StreamReader(context.Request.Body).ReadToEndAsync());
            context.Response.StatusCode = bodies.Count > failures ? 200 : 502;
        });
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http($"- {{match: {{prefix: /}}, route: {{cluster: c, retry_policy: {{retry_on: \"{on}\", num_retries: {retries}}}}}}}"),
            OneProxy.Cluster("c", "", server.Address),
        ]);
        using var client = RoutingTests.Client(proxy);

        using var answer = await client.PostAsync("/", new StringContent("the body"));

        Assert.Equal(expected, answer.StatusCode);
        Assert.All(bodies, body => Assert.Equal("the body", body));
        Assert.Equal(bodies.Count, (await proxy.RecordAsync()).UpstreamAttempts);
    }

    [Fact]
    public async Task An_endpoint_that_cannot_be_reached_is_given_up_for_another()
    {
        await using var server = await TestServer.HttpAsync(context => context.Response.WriteAsync("served"));
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {cluster: c, retry_policy: {retry_on: connect-failure, num_retries: 3}}}"),
            OneProxy.Cluster("c", "", RoutingTests.Unused(), server.Address),
        ]);
        using var client = RoutingTests.Client(proxy);

        for (var request = 0; request < 4; request++)
        {
            Assert.Equal("served", await client.GetStringAsync("/"));
        }
    }

    [Theory]
    [InlineData("timeout: 0.1s", "response_timeout")]
    [InlineData("timeout: 5s, retry_policy: {retry_on: retriable-4xx, per_try_timeout: 0.1s}", "upstream_per_try_timeout")]
    public async Task What_takes_too_long_is_given_up(string action, string details)
    {
        var never = new TaskCompletionSource();
        await using var server = await TestServer.HttpAsync(context => never.Task.WaitAsync(context.RequestAborted));
        await using var proxy = await OneProxy.StartAsync(
            [OneProxy.Http($"- {{match: {{prefix: /}}, route: {{cluster: c, {action}}}}}"), OneProxy.Cluster("c", "", server.Address)]);
        using var client = RoutingTests.Client(proxy);

        using var answer = await client.GetAsync("/");

        Assert.Equal((HttpStatusCode.GatewayTimeout, "upstream request timeout"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(("UT", details), ((await proxy.RecordAsync()).ResponseFlags.Single(), (await proxy.RecordAsync()).ResponseCodeDetails));
        never.SetResult();
    }
}
