using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace OsmExt.Cli.Tests;

/// <summary><c>osm translate</c>, whose output scripts read.</summary>
public sealed class TranslateTests : IDisposable
{
    private static readonly string[] Sections = ["listeners", "routes", "clusters", "endpoints", "secrets"];
    private readonly TempMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task One_document_with_diagnostics_and_every_proxy()
    {
        var run = await TranslateAsync("-o", "json");
        var document = JsonNode.Parse(run.Output)!.AsObject();

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(["diagnostics", "proxies"], document.Select(entry => entry.Key));
        var proxies = document["proxies"]!.AsObject();
        Assert.Equal(["shop/buyer", "shop/store"], proxies.Select(entry => entry.Key));
        Assert.All(proxies, proxy => Assert.Equal(Sections, proxy.Value!.AsObject().Select(section => section.Key)));
        Assert.All(document["diagnostics"]!.AsArray(), finding => Assert.All(
            ["code", "severity", "object", "field", "message", "advice"], field => Assert.NotNull(finding![field])));

        // Envoy's own field names, not the ones a JSON printer would make of them.
        var cluster = proxies["shop/buyer"]!["clusters"]!.AsArray().Single(cluster => (string?)cluster!["name"] == "shop/store|8080")!;
        Assert.NotNull(cluster["eds_cluster_config"]);
        Assert.NotNull(cluster["transport_socket"]!["typed_config"]!["@type"]);
    }

    [Fact]
    public async Task Yaml_says_the_same_as_json()
    {
        var (json, yaml) = (await TranslateAsync("--output", "json"), await TranslateAsync());

        var read = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml.Output);
        var asJson = new SerializerBuilder().JsonCompatible().Build().Serialize(read);
        Assert.True(JsonNode.DeepEquals(Texts(JsonNode.Parse(json.Output)), Texts(JsonNode.Parse(asJson))));
    }

    [Fact]
    public async Task Only_the_proxy_that_is_asked_for()
    {
        var run = await TranslateAsync("-o", "json", "--proxy", "shop/store");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("shop/store", Assert.Single(JsonNode.Parse(run.Output)!["proxies"]!.AsObject()).Key);
    }

    [Theory]
    [InlineData("shop/stroe", "did you mean shop/store?")]
    [InlineData("elsewhere/x", "there are shop/buyer, shop/store")]
    [InlineData("store", "write NAMESPACE/POD")]
    [InlineData("a/b/c", "write NAMESPACE/POD")]
    public async Task A_proxy_that_does_not_exist_is_an_error_that_says_what_does(string proxy, string advice)
    {
        var run = await TranslateAsync("--proxy", proxy);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(advice, run.Errors, StringComparison.Ordinal);
        Assert.StartsWith("osm: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_names_and_the_order_of_files_change_no_byte()
    {
        var files = Directory.GetFiles(_mesh.Manifests).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal((await FilesAsync(files)).Output, (await FilesAsync(files.Reverse())).Output);

        var before = await TranslateAsync();
        var objects = files.SelectMany(file => File.ReadAllText(file).Split("\n---\n")).ToArray();
        Directory.Delete(_mesh.Manifests, recursive: true);
        for (var index = 0; index < objects.Length; index++)
        {
            _mesh.Write($"{(char)('z' - index)}/{index % 2}/file-{objects.Length - index}.yaml", objects[index]);
        }

        var after = await TranslateAsync();
        Assert.Equal(WithoutPlaces(before), WithoutPlaces(after));
        Assert.True(objects.Length > 5);

        static Task<Finished> FilesAsync(IEnumerable<string> files) => Osm.RunAsync(["translate", .. files.SelectMany(file => new[] { "--config",
            file })]);
    }

    [Fact]
    public async Task Wide_names_the_objects_of_each_part_and_their_places()
    {
        var run = await TranslateAsync("-o", "wide", "--proxy", "shop/store");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("proxy shop/store\n", run.Output, StringComparison.Ordinal);
        Assert.Matches($@"\n    chain inbound_shop/store_8080_http +Service shop/store \(store.yaml:{LineOf("kind: Service")}\)\n", run.Output);
        Assert.Matches(
            $@"\n      route \.\* +HTTPRouteGroup shop/routes \(store.yaml:{LineOf("kind: HTTPRouteGroup")}\), TrafficTarget shop/store \(store.yaml:{LineOf("kind: TrafficTarget")}\)\n",
            run.Output);
        Assert.DoesNotContain("PRIVATE KEY", run.Output, StringComparison.Ordinal);

        // An object begins at its first line, where apiVersion stands.
        int LineOf(string kind) => Array.FindIndex(File.ReadAllLines(_mesh.PathOf("store.yaml")), line => line == kind);
    }

    [Fact]
    public async Task No_secret_is_printed()
    {
        var run = await TranslateAsync("-o", "json", "--proxy", "shop/store");

        var secrets = JsonNode.Parse(run.Output)!["proxies"]!["shop/store"]!["secrets"]!.AsArray();
        var certificate = secrets.Single(secret => (string?)secret!["name"] == "service-cert:shop/store")!["tls_certificate"]!;
        Assert.Equal(["[redacted]"], certificate["private_key"]!.AsObject().Select(field => (string)field.Value!).Distinct(StringComparer.Ordinal));
        Assert.DoesNotContain("PRIVATE KEY", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_and_broken_files_beside_good_ones_do_not_fail()
    {
        _mesh.Write("broken.yaml", "apiVersion: v1\nkind: [");
        _mesh.Write("typo.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: shop}\nspec: {selektor: {a: b}}");

        var run = await TranslateAsync("-o", "json");
        var findings = JsonNode.Parse(run.Output)!["diagnostics"]!.AsArray();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(findings, finding => (string?)finding!["file"] == "broken.yaml" && (int)finding["line"]! > 0);
        Assert.Contains(findings, finding => (string?)finding!["file"] == "typo.yaml" && ((string)finding["field"]!).Contains("selektor",
            StringComparison.Ordinal));
        Assert.Equal(2, JsonNode.Parse(run.Output)!["proxies"]!.AsObject().Count);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("empty")]
    [InlineData("malformed")]
    public async Task Input_that_cannot_be_used_fails_and_the_document_says_why(string input)
    {
        Directory.CreateDirectory(Path.Combine(_mesh.Root, "empty"));
        Directory.CreateDirectory(Path.Combine(_mesh.Root, "malformed"));
        await File.WriteAllTextAsync(Path.Combine(_mesh.Root, "malformed", "a.yaml"), "a: [");

        var run = await Osm.RunAsync("translate", "-o", "json", "--config", Path.Combine(_mesh.Root, input));
        var document = JsonNode.Parse(run.Output)!;
        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(document["diagnostics"]!.AsArray());
        Assert.Empty(document["proxies"]!.AsObject());
    }

    [Fact]
    public async Task One_path_of_several_that_is_missing_fails_but_the_others_are_printed()
    {
        var run = await TranslateAsync("-o", "json", "--config", Path.Combine(_mesh.Root, "nowhere"));

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(2, JsonNode.Parse(run.Output)!["proxies"]!.AsObject().Count);
    }

    [Fact]
    public async Task A_single_file_will_do()
    {
        var all = string.Join("\n---\n", Directory.GetFiles(_mesh.Manifests).Select(File.ReadAllText));
        var file = Path.Combine(_mesh.Root, "all.yaml");
        await File.WriteAllTextAsync(file, all);

        Assert.Equal(WithoutPlaces(await TranslateAsync()), WithoutPlaces(await Osm.RunAsync("translate", "--config", file)));
    }

    [Fact]
    public async Task An_older_Envoy_gets_what_it_has()
    {
        _mesh.Write("config.yaml", """
            apiVersion: config.openservicemesh.io/v1alpha2
            kind: MeshConfig
            metadata: {name: osm-mesh-config, namespace: osm-system}
            spec:
              featureFlags: {enableWASMStats: true}
            """);

        string[] plugins = ["--plugins", Path.Combine(Root(), "plugins", "OsmExt.Plugin.Delivery.Flagger")];
        Assert.Contains("delivery-flagger.requests", (await TranslateAsync(plugins)).Output, StringComparison.Ordinal);
        var older = await TranslateAsync([.. plugins, "--envoy", "1.36.2"]);
        Assert.DoesNotContain("delivery-flagger.requests", older.Output, StringComparison.Ordinal);
        Assert.Contains("OSM3002", older.Output, StringComparison.Ordinal);
        Assert.Contains("No plugin counts requests", (await TranslateAsync()).Output, StringComparison.Ordinal);
    }

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));

    private Task<Finished> TranslateAsync(params string[] arguments) => Osm.RunAsync([.. arguments.Prepend("translate"), "--config",
        _mesh.Manifests]);

    // Findings say where they were found, which is the one thing that may differ.
    private static string WithoutPlaces(Finished run)
        => string.Join('\n', run.Output.Split('\n').Where(line => !line.StartsWith("  file: ", StringComparison.Ordinal)
            && !line.StartsWith("  line: ", StringComparison.Ordinal)));

    // Scalars as text: YAML readers differ in what they take for a number.
    private static JsonNode? Texts(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.Select(entry => KeyValuePair.Create(entry.Key, Texts(entry.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Texts)]),
        null => null,
        _ => JsonValue.Create(node.ToString()),
    };
}
