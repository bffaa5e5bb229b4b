namespace OsmExt.E2E;

/// <summary>
/// Rate limits, by what comes through. Each server is another Envoy; the limits are so long that none is refilled meanwhile. A connection
/// between sidecars that was there before the limit ends without it, so more than the limit may come through at first.
/// </summary>
[Collection(nameof(ShopMesh))]
public sealed class RateLimitTests(Shop shop)
{
    private const int Attempts = 15;

    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task Requests_beyond_the_limit_are_told_to_wait(string service, string server)
    {
        using var limit = await Mesh.LimitAsync(service, server, "{local: {http: {requests: 5, unit: hour}}}", "config_dump?resource=dynamic_route_configs", "local_ratelimit");

        var statuses = new List<int>();
        await Wait.UntilAsync(
            async () =>
            {
                statuses.AddRange(await StatusesAsync(service));
                return statuses.TakeLast(Attempts).All(status => status == 429);
            },
            $"{service} has no request left");

        Assert.True(statuses.Count(status => status == 200) >= 5, string.Join(' ', statuses));
        Assert.All(statuses, status => Assert.True(status is 200 or 429, $"{status}"));
        // The other service of the same pod has no limit.
        Assert.Equal(200, await Mesh.Pod("buyer").StatusAsync("http://echo:8080/items/1"));
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task As_many_connections_as_the_limit_says_come_through_and_the_rest_are_closed(string service, string server)
    {
        using var limit = await Mesh.LimitAsync(service, server, "{local: {tcp: {connections: 3, unit: hour}}}", "config_dump?resource=dynamic_listeners", "l4_local_rate_limit");

        var answers = new List<string>();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            answers.Add(await Mesh.Pod("buyer").LineAsync(service, 9000, "hi"));
        }

        Assert.Equal(3, answers.Count(answer => answer == $"{server} hi"));
        Assert.Equal(Attempts - 3, answers.Count(answer => answer.Length == 0));
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1", true, 200)]
    [InlineData("echo-v1", "v1", false, 500)]
    [InlineData("echo-v2", "v2", true, 200)]
    [InlineData("echo-v2", "v2", false, 500)]
    public async Task When_the_rate_limit_service_is_gone_failOpen_decides(string service, string server, bool failOpen, int expected)
    {
        var global = $"{{global: {{http: {{rateLimitService: {{host: 10.244.9.9, port: 8081}}, domain: shop, timeout: 50ms, failOpen: {(failOpen ? "true" : "false")}, "
            + "descriptors: [{entries: [{genericKey: {value: all}}]}]}}}";
        using var limit = await Mesh.LimitAsync(service, server, global, "config_dump?resource=dynamic_route_configs", "rate_limits");

        await Wait.UntilAsync(async () => (await StatusesAsync(service)).All(status => status == expected), $"{service} answers {expected}");
    }

    private async Task<int[]> StatusesAsync(string service)
        => await Task.WhenAll(Enumerable.Range(0, Attempts).Select(_ => Mesh.Pod("buyer").StatusAsync($"http://{service}:8080/items/1")));
}
