using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm diff</c>: what a change of manifests would change for proxies.</summary>
public sealed class DiffTests : IDisposable
{
    private readonly TempMesh _before = new();
    private readonly TempMesh _after = new();

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    [Fact]
    public async Task Equal_meshes_differ_in_nothing_wherever_their_objects_were_read()
    {
        _after.Write("z.yaml", await File.ReadAllTextAsync(_after.PathOf("buyer.yaml")));
        File.Delete(_after.PathOf("buyer.yaml"));

        var text = await DiffAsync();
        Assert.Equal((0, "Nothing changes.\n", ""), (text.ExitCode, text.Output, text.Errors));
        var json = await DiffAsync("-o", "json");
        Assert.Equal(0, json.ExitCode);
        var document = JsonNode.Parse(json.Output)!;
        Assert.Equal("[]", document["verdicts"]!["changes"]!.ToJsonString());
        document.AsObject().Remove("verdicts");
        Assert.Equal("""{"proxies":{},"diagnostics":{"added":[],"removed":[]}}""", document.ToJsonString());
    }

    [Fact]
    public async Task A_changed_match_is_the_fields_that_differ_for_the_proxies_that_have_it()
    {
        var store = await File.ReadAllTextAsync(_after.PathOf("store.yaml"));
        _after.Write("store.yaml", store.Replace("""methods: ["*"]""", "methods: [GET]", StringComparison.Ordinal));

        var run = await DiffAsync("-o", "json");
        Assert.Equal(1, run.ExitCode);
        var proxy = Assert.Single(JsonNode.Parse(run.Output)!["proxies"]!.AsObject());
        Assert.Equal("shop/store", proxy.Key);
        var resource = Assert.Single(proxy.Value!["resources"]!.AsArray())!;
        Assert.Equal("routes rds-inbound.8080 changed", $"{resource["section"]} {resource["name"]} {resource["change"]}");
        var method = resource["fields"]!.AsArray()
            .Single(field => ((string)field!["path"]!).EndsWith("routes[0].match.headers", StringComparison.Ordinal))!;
        Assert.Null(method["before"]);
        Assert.Equal("GET", (string?)method["after"]![0]!["string_match"]!["exact"]);
    }

    [Fact]
    public async Task What_comes_and_what_goes_is_listed_with_its_proxies()
    {
        File.Delete(_after.PathOf("buyer.yaml"));
        _after.Write("thief.yaml", (await File.ReadAllTextAsync(_before.PathOf("buyer.yaml"))).Replace("buyer", "thief", StringComparison.Ordinal));

        var run = await DiffAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("proxy shop/buyer (gone)\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("proxy shop/thief (new)\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("- clusters shop/store|8080\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy shop/store", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_findings_alone_is_shown_and_is_no_change_of_a_proxy()
    {
        _after.Write("typo.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: other, namespace: shop, lables: {}}");

        var run = await DiffAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("+ finding warning OSM1003 ServiceAccount shop/other metadata.lables: ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "--with")]
    [InlineData("state", "--with")]
    public async Task An_input_that_cannot_be_used_is_no_empty_mesh(string input, string culprit)
    {
        Directory.CreateDirectory(_after.State);
        var run = await Osm.RunAsync("diff", "--config", _before.Manifests, "--with", Path.Combine(_after.Root, input));

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"the manifests of {culprit} cannot be used", run.Errors, StringComparison.Ordinal);
    }

    private Task<Finished> DiffAsync(params string[] arguments)
        => Osm.RunAsync(["diff", "--config", _before.Manifests, "--with", _after.Manifests, .. arguments]);
}
