using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm diff</c>: which requests a change of manifests would decide otherwise.</summary>
public sealed class VerdictDiffTests : IDisposable
{
    private readonly TempMesh _before = new();
    private readonly TempMesh _after = new();

    public VerdictDiffTests()
    {
        foreach (var mesh in new[] { _before, _after })
        {
            mesh.Write("endpoints.yaml", Endpoints("store") + "\n---\n" + Endpoints("other"));
        }
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    [Fact]
    public async Task A_narrower_match_shuts_out_what_it_no_longer_means_and_nothing_else()
    {
        Change("store.yaml", """pathRegex: ".*", methods: ["*"]""", """pathRegex: "/items/[0-9]+", methods: [GET]""");

        var changes = Changes(await JsonAsync());
        var change = Assert.Single(changes)!;
        Assert.Equal("""["shop/buyer"] store.shop:80 http""", $"{change["from"]!.ToJsonString()} {change["to"]}");
        Assert.Equal("allow 200 shop/store 100%", Say(change["before"]!));
        Assert.Equal("deny 403 ", Say(change["after"]!));
        Assert.StartsWith("by HTTPRouteGroup shop/routes, which is changed (store.yaml:", (string?)change["because"]!.AsArray().Single(), StringComparison.Ordinal);
        var requests = change["requests"]!.AsArray().Select(request => (string)request!).ToArray();
        Assert.Contains("GET /", requests);
        Assert.Contains("POST /items/0", requests);
        Assert.Contains("GET /items/0x", requests);
        Assert.DoesNotContain("GET /items/0", requests);
    }

    [Fact]
    public async Task A_source_that_comes_lets_its_pods_in_and_the_text_says_by_which_object()
    {
        var thief = (await File.ReadAllTextAsync(_before.PathOf("buyer.yaml"))).Replace("buyer", "thief", StringComparison.Ordinal)
            .Replace("10.0.0.1", "10.0.0.9", StringComparison.Ordinal);
        _before.Write("thief.yaml", thief);
        _after.Write("thief.yaml", thief);
        Change("store.yaml", "name: buyer, namespace: shop}", "name: buyer, namespace: shop}\n  - {kind: ServiceAccount, name: thief, namespace: shop}");

        var run = await DiffAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "verdict shop/thief to store.shop:80 http\n  - deny\n  + allow 200 (shop/store 100%)\n    by TrafficTarget shop/store, which is changed (store.yaml:",
            run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("verdict shop/buyer", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("verdict (no identity)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_split_changes_shares_and_is_named()
    {
        const string Split = """
            apiVersion: split.smi-spec.io/v1alpha2
            kind: TrafficSplit
            metadata: {name: half, namespace: shop}
            spec:
              service: store
              backends: [{service: store, weight: 1}, {service: other, weight: WEIGHT}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: other, namespace: shop}
            spec:
              clusterIP: 10.96.0.2
              selector: {app: store}
              ports: [{name: http-web, port: 80, targetPort: 8080}]
            """;
        _before.Write("split.yaml", Split.Replace("WEIGHT", "1", StringComparison.Ordinal));
        _after.Write("split.yaml", Split.Replace("WEIGHT", "3", StringComparison.Ordinal));

        var changes = Changes(await JsonAsync());
        Assert.NotEmpty(changes);
        Assert.All(changes, change =>
        {
            Assert.Equal("store.shop:80 http", (string?)change!["to"]);
            Assert.StartsWith("by TrafficSplit shop/half, which is changed", (string?)change["because"]!.AsArray().Single(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Requests_are_the_same_every_time_and_a_bound_that_cuts_is_said()
    {
        Change("store.yaml", """methods: ["*"]""", "methods: [POST]");
        Assert.Equal((await DiffAsync()).Output, (await DiffAsync()).Output);

        var cut = await DiffAsync("--requests", "3");
        Assert.Contains("of 3 generated requests are decided otherwise; ", cut.Output, StringComparison.Ordinal);
        Assert.Contains("more that could be made were not decided (--requests)", cut.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("verdict", (await DiffAsync("--requests", "0")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_of_one_side_only_are_said_and_not_asked()
    {
        _after.Write("thief.yaml", (await File.ReadAllTextAsync(_before.PathOf("buyer.yaml"))).Replace("buyer", "thief", StringComparison.Ordinal));
        Assert.Contains("Not asked, as they are on one side only: shop/thief.\n", (await DiffAsync()).Output, StringComparison.Ordinal);
    }

    private static string Endpoints(string service) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{service}}-1, namespace: shop, labels: {kubernetes.io/service-name: {{service}} } }
        addressType: IPv4
        ports: [{name: http-web, port: 8080}]
        endpoints: [{addresses: [10.0.0.2]}]
        """;

    private void Change(string file, string from, string to)
    {
        var text = File.ReadAllText(_after.PathOf(file));
        Assert.Contains(from, text, StringComparison.Ordinal);
        _after.Write(file, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static string Say(JsonNode effect) => $"{effect["verdict"]} {effect["status"]} {effect["backends"]}";

    private static JsonArray Changes(JsonNode document) => document["verdicts"]!["changes"]!.AsArray();

    private async Task<JsonNode> JsonAsync() => JsonNode.Parse((await DiffAsync("-o", "json")).Output)!;

    private Task<Finished> DiffAsync(params string[] arguments)
        => Osm.RunAsync(["diff", "--config", _before.Manifests, "--with", _after.Manifests, .. arguments]);
}
