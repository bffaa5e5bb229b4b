using OsmExt.Envoy;
using OsmExt.Xds.Tests.Hosting;

namespace OsmExt.Xds.Tests.GrpcJs;

/// <summary>The engine, judged by a client somebody else wrote.</summary>
public sealed class GrpcJsTests : IAsyncLifetime
{
    private const string Service = "greeter.example";
    private const string Target = "xds:///" + Service;
    private const string Node = "grpc-js";

    private XdsTestServer _server = null!;
    private Greeter[] _greeters = [];

    public async Task InitializeAsync()
    {
        _server = await XdsTestServer.StartAsync();
        _greeters = [await Greeter.StartAsync("one"), await Greeter.StartAsync("two"), await Greeter.StartAsync("three")];
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var greeter in _greeters)
        {
            await greeter.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_finds_a_service_and_follows_its_changes()
    {
        Publish();
        using var client = new GrpcJsClient(_server.PlaintextAddress, Node);
        Assert.Equal(["one"], await AnsweringAsync(client));

        await _server.WhenAnsweredAsync();
        var types = Assert.Single(_server.Registry.Describe(Node)).Types;
        Assert.Equal([TypeUrls.Cluster, TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route], types.Select(t => t.TypeUrl));
        Assert.All(types, t => Assert.All(t.Resources, r => Assert.Equal(r.Sent, r.Acknowledged)));

        _server.Change(ProxylessService.Endpoints("first", _greeters[0].Port, _greeters[1].Port));
        await SeesAsync(client, ["one", "two"]);

        _server.Change(
            ProxylessService.Cluster("second"), ProxylessService.Endpoints("second", _greeters[2].Port), ProxylessService.Route(Service, "second"));
        await SeesAsync(client, ["three"]);

        _server.Remove("CDS", "first");
        _server.Remove("EDS", "first");
        await _server.WhenAnsweredAsync();
        Assert.Equal(["three"], await AnsweringAsync(client));
        Assert.Empty(_server.Rejections.All);
    }

    [Fact]
    public async Task What_it_refuses_is_recorded_with_its_words_and_calls_go_on()
    {
        Publish();
        using var client = new GrpcJsClient(_server.PlaintextAddress, Node);
        Assert.Equal(["one"], await AnsweringAsync(client));

        _server.Change(ProxylessService.BrokenCluster("first"));
        await Eventually.HoldsAsync(() => _server.Rejections.All.Count > 0, "the broken cluster is refused");
        var rejection = Assert.Single(_server.Rejections.All);
        Assert.Equal((Node, "first"), (rejection.ProxyId, rejection.Name));
        Assert.Contains("Cluster message validation failed", rejection.Message, StringComparison.Ordinal);
        Assert.Equal(["one"], await AnsweringAsync(client));

        _server.Change(ProxylessService.Cluster("first"), ProxylessService.Endpoints("first", _greeters[1].Port));
        await SeesAsync(client, ["two"]);
        Assert.Empty(_server.Rejections.All);
    }

    [Fact]
    public async Task After_the_server_was_gone_it_comes_back_and_still_follows()
    {
        Publish();
        using var client = new GrpcJsClient(_server.PlaintextAddress, Node);
        Assert.Equal(["one"], await AnsweringAsync(client));

        await _server.StopAsync();
        Assert.Equal(["one"], await AnsweringAsync(client));

        _server = await XdsTestServer.StartAsync(successorOf: _server);
        Publish();
        _server.Change(ProxylessService.Endpoints("first", _greeters[1].Port));
        await SeesAsync(client, ["two"]);
    }

    private void Publish() => _server.Publish(
        ProxylessService.Listener(Service),
        ProxylessService.Route(Service, "first"),
        ProxylessService.Cluster("first"),
        ProxylessService.Endpoints("first", _greeters[0].Port));

    /// <summary>Who answers; no call may fail.</summary>
    private static async Task<string[]> AnsweringAsync(GrpcJsClient client)
    {
        var answers = await client.CallAsync(Target, calls: 6);
        Assert.Empty(answers.Errors);
        return [.. answers.Answered.Keys.Order(StringComparer.Ordinal)];
    }

    private static Task SeesAsync(GrpcJsClient client, string[] names)
        => Eventually.HoldsAsync(async () => (await AnsweringAsync(client)).SequenceEqual(names), $"only {string.Join(" and ", names)} answer");
}
