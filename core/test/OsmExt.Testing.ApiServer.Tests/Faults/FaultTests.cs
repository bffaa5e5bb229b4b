using System.Diagnostics;
using System.Net;
using k8s;
using k8s.Autorest;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Tests.Serving;
using OsmExt.Testing.ApiServer.Tests.Watching;

namespace OsmExt.Testing.ApiServer.Tests.Faults;

public class FaultTests
{
    [Fact]
    public async Task Requests_are_refused_as_often_as_asked_and_those_of_others_are_not()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        server.Faults.Add(new() { Verbs = ["list"], Resources = ["secrets"], Refuse = 429, RetryAfterSeconds = 7, Times = 1 });
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ListNamespacedSecretAsync("default"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Response.StatusCode);
        Assert.Equal("7", refused.Response.Headers["Retry-After"].Single());
        await client.CoreV1.ListNamespacedConfigMapAsync("default");
        await client.CoreV1.ListNamespacedSecretAsync("default");
        Assert.Equal(2, server.Faults.Requests["list secrets"]);
    }

    [Fact]
    public async Task The_same_seed_refuses_the_same_requests()
    {
        Assert.Equal(await Refused(7), await Refused(7));
        Assert.NotEqual(await Refused(7), await Refused(8));

        static async Task<string> Refused(int seed)
        {
            await using var server = await ApiServer.StartAsync(new() { Seed = seed });
            using var client = new ApiClient(server);
            server.Faults.Add(new() { Refuse = 500, Share = 0.5 });
            var codes = new List<int>();
            for (var request = 0; request < 30; request++)
            {
                codes.Add((await client.GetAsync("/api/v1/pods")).Code);
            }

            return string.Join(' ', codes);
        }
    }

    [Fact]
    public async Task Answers_are_late_or_do_not_come()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        server.Faults.Add(new() { Verbs = ["list"], Latency = TimeSpan.FromMilliseconds(300), Times = 1 });
        var watch = Stopwatch.StartNew();
        await client.CoreV1.ListNamespacedSecretAsync("default");
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(290), $"{watch.Elapsed}");
        server.Faults.Add(new() { Verbs = ["list"], Cut = true, Times = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => client.CoreV1.ListNamespacedSecretAsync("default"));
        await client.CoreV1.ListNamespacedSecretAsync("default");
    }

    [Fact]
    public async Task Watches_are_cut_and_told_that_they_are_too_old()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var name in new[] { "a", "b", "c" })
        {
            await client.CoreV1.CreateNamespacedSecretAsync(WatchTests.Secret("red", name), "default");
        }

        server.Faults.Add(new() { Verbs = ["watch"], Cut = true, AfterEvents = 1, Times = 1 });
        await Breaks(WatchTests.Events(server, "", 10, late.Token));
        server.Faults.Add(new() { Verbs = ["watch"], Expire = true, AfterEvents = 2, Times = 1 });
        var events = await WatchTests.Events(server, "", 10, late.Token);
        Assert.Equal(["ADDED", "ADDED", "ERROR"], events.Select(happened => happened.Text("type")));
        Assert.Equal(410, events[2].Object("object")!.Number("code"));
        var open = WatchTests.Events(server, $"resourceVersion={server.Store.State.Revision}", 1, late.Token);
        while (server.Faults.OpenWatches == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        server.Faults.CutWatches();
        await Breaks(open);

        // With its headers or after them.
        static async Task Breaks(Task watch) => Assert.True(await Record.ExceptionAsync(() => watch) is IOException or HttpRequestException);
    }

    [Fact]
    public async Task What_is_read_is_old_but_what_is_written_is_judged_by_what_is()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        var secret = await client.CoreV1.CreateNamespacedSecretAsync(WatchTests.Secret("red"), "default");
        secret.Metadata.Labels["colour"] = "blue";
        await client.CoreV1.ReplaceNamespacedSecretAsync(secret, "s", "default");
        server.Faults.Add(new() { Verbs = ["get", "list"], StaleBy = 1 });
        var stale = await client.CoreV1.ReadNamespacedSecretAsync("s", "default");
        Assert.Equal("red", stale.Metadata.Labels["colour"]);
        var conflict = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReplaceNamespacedSecretAsync(stale, "s", "default"));
        Assert.Equal(HttpStatusCode.Conflict, conflict.Response.StatusCode);
        server.Faults.Clear();
        Assert.Equal("blue", (await client.CoreV1.ReadNamespacedSecretAsync("s", "default")).Metadata.Labels["colour"]);
    }

    [Fact]
    public async Task A_server_that_was_away_goes_on_where_it_was()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        var start = (await client.CoreV1.CreateNamespacedSecretAsync(WatchTests.Secret("red"), "default")).Metadata.ResourceVersion;
        var address = server.Address;
        await server.RestartAsync(async () => await Assert.ThrowsAsync<HttpRequestException>(() => client.CoreV1.ListNamespacedSecretAsync("default")));
        Assert.Equal(address, server.Address);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.CoreV1.DeleteNamespacedSecretAsync("s", "default");
        Assert.Equal("DELETED", (await WatchTests.Events(server, $"resourceVersion={start}", 1, late.Token)).Single().Text("type"));
    }
}
