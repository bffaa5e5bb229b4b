using OsmExt.Testing.Plugins;
using OsmExt.Tests.Shared;

namespace OsmExt.Testing.Tests;

/// <summary>The suite finds plugins that do not keep to what they must; each of these fails at one thing and passes the others looked at.</summary>
public class PluginSuiteTests
{
    private const string Repeats = "the same objects give the same result twice";
    private const string Order = "the order of objects changes nothing";
    private const string Schema = "objects survive being written and read, and bad fields are refused";
    private const string Placed = "every contribution is placed";
    private const string Unloaded = "its code is really unloaded";
    private const string Limits = "limits hold with 200 copies of each object";

    private static readonly string Plugin = AppContext.BaseDirectory.Replace("OsmExt.Testing.Tests", "OsmExt.PluginHost.TestPlugin", StringComparison.Ordinal);

    [Fact]
    public void A_good_plugin_passes_but_for_the_slots_that_no_case_fills()
    {
        var results = Run("-- good");

        Assert.Equal([Placed], Failed(results));
        Assert.Contains("get what these contribute: text, host.", Problem(results, Placed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("count", Repeats, "Case one gives another result when it is translated again")]
    [InlineData("first", Order, "contributes something else when its objects come in the opposite order")]
    [InlineData("linger", Unloaded, "Its code stays in memory")]
    [InlineData("crowd", Limits, "BadMoodException: there are too many")]
    public void A_plugin_that_breaks_a_rule_fails_its_test(string what, string test, string why)
    {
        var results = Run(what);

        Assert.Contains(test, Failed(results));
        Assert.Contains(why, Problem(results, test), StringComparison.Ordinal);
        Assert.DoesNotContain(Schema, Failed(results));
    }

    [Fact]
    public void Kinds_that_no_case_has_and_snapshots_that_nobody_accepted_are_failures()
    {
        var results = Run(null, accepted: false);

        Assert.Contains("No case has an object of kind Behaviour; add one", Problem(results, Schema), StringComparison.Ordinal);
        Assert.Contains("Nothing has been accepted yet", Problem(results, "case one"), StringComparison.Ordinal);
        Assert.Contains("OSM_ACCEPT_SNAPSHOTS=1", Problem(results, "case one"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_plugin_or_without_cases_is_a_failure()
    {
        using var folder = new TempDirectory();

        Assert.Equal(["it can be loaded"], Failed(PluginSuite.Run(folder.Path)));
        Assert.Equal(["it has cases"], Failed(PluginSuite.Run(Plugin, cases: folder.Path)));
    }

    [Fact]
    public void Versions_that_lose_something_fail_the_test_of_conversion()
    {
        const string Converted = "objects survive being converted between versions";
        Assert.Null(Convert("{old: a}", "old: {{ spec.what }}").Failure);
        Assert.Contains("Behaviour shop/a of version v0 comes back from v1 as {\"old\":\"x\"} and not as {\"old\":\"a\"}", Convert("{old: a}", "old: x").Failure, StringComparison.Ordinal);

        static PluginTestResult Convert(string spec, string back)
        {
            using var folder = new TempDirectory();
            var (plugin, mesh) = (Path.Combine(folder.Path, "behaviour"), Path.Combine(folder.Path, "cases", "one"));
            DirectoryCopy.Of(Plugin, plugin);
            var manifest = Path.Combine(plugin, "plugin.yaml");
            File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("versions: [v1]",
                "versions: [v1, v0]\n  conversions: [{version: v0, schema: v0.yaml, toFirst: up.scriban, fromFirst: down.scriban}]", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(plugin, "v0.yaml"), "type: object\nproperties: {old: {type: string}}\n");
            File.WriteAllText(Path.Combine(plugin, "up.scriban"), "what: {{ spec.old }}\n");
            File.WriteAllText(Path.Combine(plugin, "down.scriban"), back);
            Directory.CreateDirectory(mesh);
            File.WriteAllText(Path.Combine(mesh, "in.yaml"), Mesh + Object("a", "").Replace("test.osmext.io/v1", "test.osmext.io/v0", StringComparison.Ordinal).Replace("{what: \"\"}", spec, StringComparison.Ordinal));
            return PluginSuite.Run(plugin, cases: Path.GetDirectoryName(mesh)).Single(result => result.Name == Converted);
        }
    }

    [Fact]
    public void Cases_say_what_services_have_published()
    {
        using var folder = new TempDirectory();
        var (plugin, mesh) = (Path.Combine(folder.Path, "behaviour"), Path.Combine(folder.Path, "cases", "one"));
        DirectoryCopy.Of(Plugin, plugin);
        File.AppendAllText(Path.Combine(plugin, "plugin.yaml"), "capabilities: [run-service]\nservices: [{name: looker, type: OsmExt.PluginHost.TestPlugin.BehaviourService}]\n");
        File.WriteAllText(Path.Combine(plugin, "policy.yaml"), "plugins: {behaviour: {grants: [run-service]}}\n");
        Directory.CreateDirectory(mesh);
        File.WriteAllText(Path.Combine(mesh, "in.yaml"), Mesh + Object("a", "service is there"));
        File.WriteAllText(Path.Combine(mesh, "published.yaml"), "- {service: looker, name: code, value: \"-- from elsewhere\"}\n");
        var results = PluginSuite.Run(plugin, cases: Path.GetDirectoryName(mesh));
        Assert.Null(results.Single(result => result.Name == Repeats).Failure);
        Assert.Null(results.Single(result => result.Name == Order).Failure);
        Assert.Contains("-- from elsewhere", File.ReadAllText(Path.Combine(mesh, "shop.web.received.yaml")), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(mesh, "published.yaml"), "- {service: nobody, name: code, value: 1}\n");
        Assert.Contains("no plugin has a service \"nobody\"", Problem(PluginSuite.Run(plugin, cases: Path.GetDirectoryName(mesh)), "case one"), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(mesh, "published.yaml"), "service: looker\n");
        Assert.Contains("expected a list of mappings with service, name and value", Problem(PluginSuite.Run(plugin, cases: Path.GetDirectoryName(mesh)), "case one"), StringComparison.Ordinal);
    }

    private static string[] Failed(IEnumerable<PluginTestResult> results) => [.. results.Where(result => result.Failure is not null).Select(result => result.Name)];

    private static string Problem(IEnumerable<PluginTestResult> results, string name) => results.Single(result => result.Name == name).Failure ?? "";

    private static IReadOnlyList<PluginTestResult> Run(string? what, bool accepted = true)
    {
        using var folder = new TempDirectory();
        var (mesh, proxy) = (Path.Combine(folder.Path, "one"), "shop.web.");
        Directory.CreateDirectory(mesh);
        File.WriteAllText(Path.Combine(mesh, "in.yaml"), Mesh + (what is null ? "" : Object("a", what) + Object("b", what)));
        var results = PluginSuite.Run(Plugin, cases: folder.Path);
        if (!accepted)
        {
            return results;
        }

        foreach (var received in Directory.EnumerateFiles(mesh, "*.received.yaml"))
        {
            File.Move(received, received.Replace(".received.", ".verified.", StringComparison.Ordinal));
        }

        Assert.NotEmpty(Directory.EnumerateFiles(mesh, $"{proxy}verified.yaml"));
        return PluginSuite.Run(Plugin, cases: folder.Path);
    }

    private static string Object(string name, string what) => $$"""

        ---
        apiVersion: test.osmext.io/v1
        kind: Behaviour
        metadata: {name: {{name}}, namespace: shop}
        spec: {what: "{{what}}"}
        """;

    private const string Mesh = """
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {traffic: {enablePermissiveTrafficPolicyMode: true}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {serviceAccountName: web, containers: [{name: app, image: app}]}
        status: {podIP: 10.0.1.1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
        """;
}
