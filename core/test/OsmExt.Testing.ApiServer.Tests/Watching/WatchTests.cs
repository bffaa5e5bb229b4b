using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Tests.Serving;

namespace OsmExt.Testing.ApiServer.Tests.Watching;

public class WatchTests
{
    [Fact]
    public async Task Changes_arrive_in_their_order_and_as_a_selector_sees_them()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var start = (await client.CoreV1.ListNamespacedSecretAsync("default")).ResourceVersion();
        var secret = await client.CoreV1.CreateNamespacedSecretAsync(Secret("red"), "default");
        secret.Metadata.Labels["colour"] = "blue";
        secret = await client.CoreV1.ReplaceNamespacedSecretAsync(secret, "s", "default");
        secret.Metadata.Labels["colour"] = "red";
        await client.CoreV1.ReplaceNamespacedSecretAsync(secret, "s", "default");
        await client.CoreV1.DeleteNamespacedSecretAsync("s", "default");
        Assert.Equal(["ADDED", "MODIFIED", "MODIFIED", "DELETED"], await Types(server, $"resourceVersion={start}", 4, late.Token));
        Assert.Equal(["ADDED", "DELETED", "ADDED", "DELETED"], await Types(server, $"resourceVersion={start}&labelSelector=colour%3Dred", 4, late.Token));
        Assert.Equal(["ADDED", "DELETED"], await Types(server, $"resourceVersion={start}&labelSelector=colour%3Dblue", 2, late.Token));
    }

    [Fact]
    public async Task A_list_can_be_streamed_and_ends_with_a_bookmark_that_says_so()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.CoreV1.CreateNamespacedSecretAsync(Secret("red"), "default");
        var events = await Events(server, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", 2, late.Token);
        Assert.Equal(["ADDED", "BOOKMARK"], events.Select(happened => happened.Text("type")));
        var metadata = events[1].Object("object")!.Metadata();
        Assert.Equal("true", metadata.Object("annotations")?.Text("k8s.io/initial-events-end"));
        Assert.Equal(server.Store.State.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture), metadata.Text("resourceVersion"));
        using var http = new ApiClient(server);
        (await http.GetAsync("/api/v1/secrets?watch=1&sendInitialEvents=true")).Expect(422);
    }

    [Fact]
    public async Task Bookmarks_come_when_nothing_else_does_and_a_watch_ends_in_time()
    {
        await using var server = await ApiServer.StartAsync(new() { BookmarkInterval = TimeSpan.FromMilliseconds(200) });
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var events = await Events(server, $"resourceVersion={server.Store.State.Revision}&allowWatchBookmarks=true&timeoutSeconds=1", 100, late.Token);
        Assert.True(events.Count is >= 2 and < 20, $"{events.Count} events");
        Assert.All(events, happened => Assert.Equal("BOOKMARK", happened.Text("type")));
        Assert.Empty(await Events(server, $"resourceVersion={server.Store.State.Revision}&timeoutSeconds=1", 1, late.Token));
    }

    [Fact]
    public async Task Who_is_too_far_behind_is_told_with_410()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var start = (await client.CoreV1.ListNamespacedSecretAsync("default")).ResourceVersion();
        await client.CoreV1.CreateNamespacedSecretAsync(Secret("red"), "default");
        server.Faults.Compact();
        KubernetesException? told = null;
        await foreach (var _ in client.CoreV1.WatchListNamespacedSecretAsync("default", resourceVersion: start, onError: failure => told = failure as KubernetesException, cancellationToken: late.Token))
        {
        }

        Assert.Equal(410, told?.Status.Code);
        Assert.Equal("Expired", told?.Status.Reason);
    }

    [Fact]
    public async Task Tables_and_metadata_alone_can_be_watched()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.CoreV1.CreateNamespacedSecretAsync(Secret("red"), "default");
        var table = (await Events(server, "", 1, late.Token, "application/json;as=Table;v=v1;g=meta.k8s.io"))[0].Object("object")!;
        Assert.Equal("Table", table.Text("kind"));
        Assert.Equal("s", table.Objects("rows").Single().List("cells")![0]!.GetValue<string>());
        var metadata = (await Events(server, "", 1, late.Token, "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"))[0].Object("object")!;
        Assert.Equal(("PartialObjectMetadata", "s"), (metadata.Text("kind"), metadata.Name()));
        Assert.False(metadata.ContainsKey("type"));
    }

    internal static async Task<List<JsonObject>> Events(ApiServer server, string query, int most, CancellationToken stop, string accept = "application/json")
    {
        using var client = ClientTests.Connect(server);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, $"/api/v1/namespaces/default/secrets?watch=1&{query}"));
        request.Headers.Accept.ParseAdd(accept);
        using var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        Assert.True(response.IsSuccessStatusCode, response.ToString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
        var events = new List<JsonObject>();
        while (events.Count < most && await reader.ReadLineAsync(stop) is { } line)
        {
            events.Add(JsonNode.Parse(line)!.AsObject());
        }

        return events;
    }

    internal static V1Secret Secret(string colour, string name = "s") => new() { Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["colour"] = colour } } };

    private static async Task<IEnumerable<string?>> Types(ApiServer server, string query, int most, CancellationToken stop) => (await Events(server, query, most, stop)).Select(happened => happened.Text("type"));
}
