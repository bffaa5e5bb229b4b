using System.Net;
using System.Runtime.CompilerServices;

namespace OsmExt.E2E;

/// <summary>
/// Limits that a rate limit service counts, which lets <see cref="Shop.Limit"/> of each thing through. Each test has a domain, and so counters,
/// of its own. A connection between sidecars that was there before keeps the limits of its time until it ends, so the first answers prove nothing.
/// </summary>
[Collection(nameof(ShopMesh))]
public sealed class GlobalRateLimitTests(Shop shop)
{
    private const int Attempts = 10;
    private const string RouteDump = "config_dump?resource=dynamic_route_configs";

    private Mesh Mesh => shop.Mesh;

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task All_requests_are_one_thing_under_a_generic_key(string service, string server)
    {
        using var limit = await LimitAsync(service, server, "{genericKey: {value: all}}", ", responseStatusCode: 503");

        await UntilRefusedAsync(service, 503);
        await Wait.UntilAsync(async () => await StatusAsync("old-buyer", service, ("x-user", "anybody")) == 503, $"{service} refuses everybody");
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task Each_value_of_a_header_is_a_thing_of_its_own(string service, string server)
    {
        using var limit = await LimitAsync(service, server, "{requestHeader: {name: x-user, key: user}}", ", enableXRateLimitHeaders: true");

        await UntilRefusedAsync(service, 429, ("x-user", "ann"));
        Assert.Equal(Expected(429), await StatusesAsync(service, ("x-user", "bob")));
        // Without the header there is nothing to describe.
        Assert.Equal(Enumerable.Repeat(200, Attempts), await StatusesAsync(service));

        using var client = Mesh.Pod("buyer").CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(service)) { Headers = { { "x-user", "eve" } } };
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith($"{Shop.Limit}", Assert.Single(response.Headers.GetValues("x-ratelimit-limit")), StringComparison.Ordinal);
        Assert.Equal($"{Shop.Limit - 1}", Assert.Single(response.Headers.GetValues("x-ratelimit-remaining")));
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task What_matches_is_counted_and_the_rest_is_not(string service, string server)
    {
        using var limit = await LimitAsync(service, server, "{headerValueMatch: {value: batch, key: client, headers: [{name: x-client, prefix: batch-}]}}");

        await UntilRefusedAsync(service, 429, ("x-client", "batch-1"));
        Assert.Equal(429, await StatusAsync("buyer", service, ("x-client", "batch-2")));
        Assert.Equal(Enumerable.Repeat(200, Attempts), await StatusesAsync(service, ("x-client", "page")));
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task Each_client_is_counted_by_its_address(string service, string server)
    {
        using var limit = await LimitAsync(service, server, "{remoteAddress: {}}");

        await UntilRefusedAsync(service, 429);
        Assert.Equal(200, await StatusAsync("old-buyer", service));
        await Wait.UntilAsync(async () => await StatusAsync("old-buyer", service) == 429, $"{service} refuses the other client, too");
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task A_route_is_counted_and_the_others_are_not(string service, string server)
    {
        using var limit = await LimitAsync(service, server, "{requestHeader: {name: x-nobody-sends-this, key: user}}", "",
            "{path: /items/.*, rateLimit: {global: {descriptors: [{entries: [{genericKey: {key: route, value: items}}]}]}}}");

        await UntilRefusedAsync(service, 429);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            Assert.Equal(200, await Mesh.Pod("buyer").StatusAsync($"http://{service}:8080/private", ("x-token", "secret-1")));
        }
    }

    [MeshTheory]
    [InlineData("echo-v1", "v1")]
    [InlineData("echo-v2", "v2")]
    public async Task As_many_connections_as_the_service_says_come_through_and_the_rest_are_closed(string service, string server)
    {
        var limits = $"{{global: {{tcp: {{{Service("connections")}, descriptors: [{{entries: [{{key: connection, value: {service}}}]}}]}}}}}}";
        using var limit = await Mesh.LimitAsync(service, server, limits, "config_dump?resource=dynamic_listeners", "l4_global_rate_limit");

        var answers = new List<string>();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            answers.Add(await Mesh.Pod("buyer").LineAsync(service, 9000, "hi"));
        }

        Assert.Equal(Shop.Limit, answers.Count(answer => answer == $"{server} hi"));
        Assert.Equal(Attempts - Shop.Limit, answers.Count(answer => answer.Length == 0));
    }

    private static string Url(string service) => $"http://{service}:8080/items/1";

    private static string Service(string domain) => $"rateLimitService: {{host: {Shop.LimitsService}, port: 8081}}, domain: {domain}, timeout: 5s, failOpen: false";

    private static IEnumerable<int> Expected(int refused) => Enumerable.Repeat(200, Shop.Limit).Concat(Enumerable.Repeat(refused, Attempts - Shop.Limit));

    private Task<IDisposable> LimitAsync(string service, string server, string entry, string more = "", string routes = "", [CallerMemberName] string test = "")
        => Mesh.LimitAsync(service, server, $"{{global: {{http: {{{Service($"{test}-{service}")}, descriptors: [{{entries: [{entry}]}}]{more}}}}}}}", RouteDump, "rate_limits", routes);

    private Task<int> StatusAsync(string client, string service, params (string Name, string Value)[] headers) => Mesh.Pod(client).StatusAsync(Url(service), headers);

    private async Task<IReadOnlyList<int>> StatusesAsync(string service, params (string Name, string Value)[] headers)
    {
        var statuses = new List<int>();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            statuses.Add(await StatusAsync("buyer", service, headers));
        }

        return statuses;
    }

    private async Task UntilRefusedAsync(string service, int refusal, params (string Name, string Value)[] headers)
        => await Wait.UntilAsync(async () => (await StatusesAsync(service, headers)).All(status => status == refusal), $"{service} answers {refusal}");
}
