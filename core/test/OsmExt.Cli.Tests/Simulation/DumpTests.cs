using System.Text.Json.Nodes;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Simulation;

namespace OsmExt.Cli.Tests.Simulation;

/// <summary>Deciding from what proxies have, written as Envoy's admin page writes it. Dumps of running Envoys are compared in the end-to-end tests.</summary>
public sealed class DumpTests : IDisposable
{
    private static readonly RequestText Request = new("shop/buyer", "store.shop", 80);
    private readonly TempMesh _mesh = new();

    public DumpTests() => _mesh.Write("endpoints.yaml", """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: store-1, namespace: shop, labels: {kubernetes.io/service-name: store} }
        addressType: IPv4
        ports: [{name: http-web, port: 8080}]
        endpoints: [{addresses: [10.0.0.2]}]
        """);

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void A_dump_of_what_the_manifests_mean_decides_as_they_do()
        => Assert.Equal((Verdict.Allow, 200), Decide(Dump("shop/buyer"), Dump("shop/store")));

    [Fact]
    public void What_the_dump_has_counts_and_not_the_manifests()
    {
        var store = Dump("shop/store");
        foreach (var host in Section(store, "RoutesConfigDump")["dynamic_route_configs"]!.AsArray()
            .SelectMany(entry => entry!["route_config"]!["virtual_hosts"]!.AsArray()))
        {
            host!["routes"] = new JsonArray();
        }

        // Where no route matches, nothing of the host counts, so the filter's own rules admit nobody.
        Assert.Equal((Verdict.Deny, 403), Decide(Dump("shop/buyer"), store));
    }

    [Fact]
    public void Without_endpoints_in_the_dump_it_is_undecided_and_says_how_to_take_one()
    {
        var buyer = Dump("shop/buyer");
        buyer["configs"]!.AsArray().Remove(Section(buyer, "EndpointsConfigDump"));
        var decision = Request.Decide(Mesh(buyer, Dump("shop/store")), out _)!;
        Assert.Equal(Verdict.Undecided, decision.Verdict);
        Assert.Contains("include_eds", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resource_that_cannot_be_read_is_named_and_undecided()
    {
        var buyer = Dump("shop/buyer");
        var cluster = Section(buyer, "ClustersConfigDump")["dynamic_active_clusters"]!.AsArray()
            .First(entry => (string)entry!["cluster"]!["name"]! == "shop/store|8080")!["cluster"]!;
        cluster["field_of_a_later_release"] = true;
        var decision = Request.Decide(Mesh(buyer, Dump("shop/store")), out _)!;
        Assert.Equal(Verdict.Undecided, decision.Verdict);
        Assert.Contains("Cluster shop/store|8080", decision.Reason, StringComparison.Ordinal);
        Assert.Contains("field_of_a_later_release", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop/nobody=x.json", "the manifests have no such pod")]
    [InlineData("shop/buyer", "write NAMESPACE/POD=FILE")]
    [InlineData("shop/buyer=MANIFEST", "cannot be used")]
    public async Task A_dump_that_cannot_be_used_decides_nothing(string dump, string expected)
    {
        var run = await Osm.RunAsync("simulate", "--config", _mesh.Manifests, "--from", "shop/buyer", "--to", "store.shop:80",
            "--dump", dump.Replace("MANIFEST", _mesh.PathOf("mesh.yaml"), StringComparison.Ordinal));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_reads_dumps()
    {
        var file = Path.Combine(_mesh.Root, "store.json");
        var store = Dump("shop/store");
        Section(store, "ListenersConfigDump")["dynamic_listeners"] = new JsonArray();
        await File.WriteAllTextAsync(file, store.ToJsonString());
        string[] request = ["simulate", "--config", _mesh.Manifests, "--from", "shop/buyer", "--to", "store.shop:80"];
        Assert.Equal(0, (await Osm.RunAsync(request)).ExitCode);
        var run = await Osm.RunAsync([.. request, "--dump", $"shop/store={file}"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("shop/store has no listener", run.Output, StringComparison.Ordinal);
    }

    private (Verdict, int?) Decide(JsonObject buyer, JsonObject store)
        => Request.Decide(Mesh(buyer, store), out _) is { } decision ? (decision.Verdict, decision.Status) : default;

    private SimulatedMesh Mesh(JsonObject buyer, JsonObject store)
        => CompiledMesh.Of(Manifests.Load([_mesh.Manifests]), new()).With(new Dictionary<string, ProxyConfiguration>
        {
            ["shop/buyer"] = ConfigDump.Read("shop/buyer", buyer.ToJsonString()),
            ["shop/store"] = ConfigDump.Read("shop/store", store.ToJsonString()),
        });

    private static JsonNode Section(JsonObject dump, string name)
        => dump["configs"]!.AsArray().Single(section => ((string)section!["@type"]!).EndsWith(name, StringComparison.Ordinal))!;

    private JsonObject Dump(string pod) => TestDump.Of(Manifests.Load([_mesh.Manifests]), pod);
}
