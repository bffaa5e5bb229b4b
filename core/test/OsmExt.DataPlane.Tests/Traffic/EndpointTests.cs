using System.Net;
using Microsoft.AspNetCore.Http;
using OsmExt.DataPlane.Tests.Mesh;

namespace OsmExt.DataPlane.Tests.Traffic;

public class EndpointTests
{
    [Fact]
    public async Task In_turn_by_default()
    {
        await using var mesh = await Servers.StartAsync(3);
        await using var proxy = await OneProxy.StartAsync([OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "", mesh.Addresses)]);
        using var client = RoutingTests.Client(proxy);

        var answers = new List<string>();
        for (var request = 0; request < 9; request++)
        {
            answers.Add(await client.GetStringAsync("/"));
        }

        Assert.All(answers.GroupBy(answer => answer), group => Assert.Equal(3, group.Count()));
    }

    [Fact]
    public async Task Least_request_spreads_evenly_while_all_are_idle()
    {
        const int Requests = 600;
        await using var mesh = await Servers.StartAsync(3);
        await using var proxy = await OneProxy.StartAsync(
            [OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "lb_policy: LEAST_REQUEST", mesh.Addresses)], Seeded());
        using var client = RoutingTests.Client(proxy);

        for (var request = 0; request < Requests; request++)
        {
            await client.GetStringAsync("/");
        }

        Assert.Equal(Requests, proxy.Engine.Endpoints.Sum(endpoint => endpoint.TotalRequests));
        Assert.All(proxy.Engine.Endpoints, endpoint => Assert.InRange(endpoint.TotalRequests, Requests / 3 * 0.8, Requests / 3 * 1.2));
    }

    [Fact]
    public async Task Least_request_goes_where_fewer_are_under_way()
    {
        const int Requests = 400;
        var (busy, go) = (0, new TaskCompletionSource());
        await using var slow = await TestServer.HttpAsync(async context =>
        {
            Interlocked.Increment(ref busy);
            await go.Task;
        });
        await using var quick = await TestServer.HttpAsync(context => context.Response.WriteAsync("quick"));
        await using var proxy = await OneProxy.StartAsync(
            [OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"), OneProxy.Cluster("c", "lb_policy: LEAST_REQUEST", slow.Address, quick.Address)], Seeded());
        using var client = RoutingTests.Client(proxy);

        var waiting = new List<Task>();
        for (var request = 0; request < Requests; request++)
        {
            var (before, answer) = (Volatile.Read(ref busy), client.GetAsync("/"));
            await UntilAsync(async () =>
            {
                await Task.Yield();
                return answer.IsCompleted || Volatile.Read(ref busy) > before;
            });
            if (!answer.IsCompleted)
            {
                waiting.Add(answer);
            }
        }

        // Two are drawn, and the one with less to do is taken: only when both draws fall on the busy one, it gets another.
        Assert.InRange(busy, Requests / 4 * 0.7, Requests / 4 * 1.3);
        go.SetResult();
        await Task.WhenAll(waiting);
    }

    private static TrafficOptions Seeded() => new() { Chance = new(new Random(7)) };

    [Fact]
    public async Task A_hash_keeps_equal_requests_together_and_spreads_others()
    {
        await using var mesh = await Servers.StartAsync(3);
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {cluster: c, hash_policy: [{header: {header_name: x-user}}]}}"),
            OneProxy.Cluster("c", "lb_policy: RING_HASH", mesh.Addresses),
        ]);
        using var client = RoutingTests.Client(proxy);

        var byUser = new Dictionary<string, HashSet<string>>();
        for (var request = 0; request < 60; request++)
        {
            var user = $"user-{request % 20}";
            using var message = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-user", user } } };
            using var answer = await client.SendAsync(message);
            (byUser.TryGetValue(user, out var servers) ? servers : byUser[user] = []).Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.All(byUser.Values, servers => Assert.Single(servers));
        Assert.Equal(3, byUser.Values.SelectMany(servers => servers).Distinct().Count());
    }

    [Fact]
    public async Task An_endpoint_that_fails_again_and_again_is_left_alone()
    {
        await using var bad = await TestServer.HttpAsync(context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var good = await TestServer.HttpAsync(context => context.Response.WriteAsync("good"));
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"),
            OneProxy.Cluster("c", "outlier_detection: {consecutive_5xx: 3, max_ejection_percent: 50}", bad.Address, good.Address),
        ]);
        using var client = RoutingTests.Client(proxy);

        var failures = 0;
        for (var request = 0; request < 20; request++)
        {
            using var answer = await client.GetAsync("/");
            failures += answer.IsSuccessStatusCode ? 0 : 1;
        }

        Assert.Equal(3, failures);
        Assert.Equal(bad.Address, proxy.Engine.Endpoints.Single(endpoint => endpoint.Ejected).Address);
    }

    [Fact]
    public async Task Beyond_its_limits_a_cluster_is_asked_no_more()
    {
        var (arrived, go) = (new SemaphoreSlim(0), new TaskCompletionSource());
        await using var server = await TestServer.HttpAsync(async context =>
        {
            arrived.Release();
            await go.Task;
        });
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"),
            OneProxy.Cluster("c", "circuit_breakers: {thresholds: [{max_connections: 1, max_pending_requests: 1, max_requests: 2}]}", server.Address),
        ]);
        using var client = RoutingTests.Client(proxy);
        var served = client.GetAsync("/");
        await arrived.WaitAsync(TimeSpan.FromSeconds(10));
        // One of two may wait, whichever comes first.
        Task<HttpResponseMessage>[] others = [client.GetAsync("/"), client.GetAsync("/")];
        var turnedAway = await Task.WhenAny(others).WaitAsync(TimeSpan.FromSeconds(10));
        var (refused, waiting) = (await turnedAway, others.Single(other => other != turnedAway));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.EndsWith("reset reason: overflow", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        go.SetResult();
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await served).StatusCode, (await waiting).StatusCode));
    }

    [Fact]
    public async Task Endpoints_change_without_a_request_lost()
    {
        await using var mesh = await Servers.StartAsync(2);
        const string Eds = "eds_cluster_config: {eds_config: {ads: {}, resource_api_version: V3}}";
        var cluster = OneProxy.Resource<global::Envoy.Config.Cluster.V3.Cluster>("c", $"name: c\ntype: EDS\n{Eds}\n");
        var listener = OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}");
        await using var proxy = await OneProxy.StartAsync([listener, cluster, OneProxy.Eds("c", mesh.Addresses[0])]);
        using var client = RoutingTests.Client(proxy);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var failures = 0;
            while (!stop.IsCancellationRequested)
            {
                using var answer = await client.GetAsync("/");
                failures += answer.IsSuccessStatusCode ? 0 : 1;
            }

            return failures;
        })).ToArray();

        for (var change = 0; change < 100; change++)
        {
            await proxy.ApplyAsync([listener, cluster, OneProxy.Eds("c", mesh.Addresses[change % 2])]);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), failures => Assert.Equal(0, failures));
    }

    [Fact]
    public async Task An_endpoint_whose_probe_fails_is_left_alone_until_it_succeeds()
    {
        var well = true;
        await using var other = await TestServer.HttpAsync(context => context.Response.WriteAsync("other"));
        await using var server = await TestServer.HttpAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path != "/health" || Volatile.Read(ref well) ? 200 : 503;
            return context.Response.WriteAsync("server");
        });
        await using var proxy = await OneProxy.StartAsync(
        [
            OneProxy.Http("- {match: {prefix: /}, route: {cluster: c}}"),
            OneProxy.Cluster("c", "health_checks: [{timeout: 5s, interval: 0.02s, unhealthy_threshold: 2, healthy_threshold: 1, http_health_check: {path: /health}}]",
                server.Address, other.Address),
        ]);
        using var client = RoutingTests.Client(proxy);

        Volatile.Write(ref well, false);
        await UntilAsync(async () => await client.GetStringAsync("/") + await client.GetStringAsync("/") == "otherother");
        Volatile.Write(ref well, true);
        await UntilAsync(async () => await client.GetStringAsync("/") == "server");
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed class Servers : IAsyncDisposable
    {
        private readonly List<TestServer> _servers = [];

        public IPEndPoint[] Addresses => [.. _servers.Select(server => server.Address)];

        public static async Task<Servers> StartAsync(int count)
        {
            var servers = new Servers();
            for (var index = 0; index < count; index++)
            {
                var name = $"server {index}";
                servers._servers.Add(await TestServer.HttpAsync(context => context.Response.WriteAsync(name)));
            }

            return servers;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var server in _servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}
