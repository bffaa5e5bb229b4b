using System.Net;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Tests;

public sealed class PluginTests : IDisposable
{
    private const string Objects = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: test.osmext.io/v1
        kind: Script
        metadata: {name: a, namespace: shop}
        spec: {code: x}
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("osm-cli-plugins-");

    public PluginTests()
    {
        Write("plugins/lua/plugin.yaml", """
            id: lua
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: open
            resources:
            - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
            contributions:
            - {name: code, point: http-filter, direction: inbound, for: Script, template: lua.scriban}
            """);
        Write("plugins/lua/schema.yaml", "type: object\nproperties:\n  code: {type: string}\n");
        Write("plugins/lua/lua.scriban", "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\ndefault_source_code: {inline_string: {{ spec.code }}}\n");
        Write("mesh.yaml", Objects);
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Good_plugins_are_valid_and_listed_with_their_digest()
    {
        var valid = await Osm.RunAsync("plugin", "validate", PathOf("plugins"), "--config", PathOf("mesh.yaml"));
        var list = await Osm.RunAsync("plugin", "list", PathOf("plugins"));

        Assert.Equal((0, "1 of 1 plugins can be used\n"), (valid.ExitCode, valid.Output));
        Assert.StartsWith("lua 1.0.0  sha256:", list.Output, StringComparison.Ordinal);
        Assert.Contains("contributes code: inbound http-filter, stage traffic", list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_what_cannot_be_rendered_nobody_says_that_it_can_be_used()
    {
        Write("plugins/lua/lua.scriban", "{{ spec.nosuch }}");

        var run = await Osm.RunAsync("plugin", "validate", PathOf("plugins"), "--config", PathOf("mesh.yaml"));

        Assert.Equal(2, run.ExitCode);
        Assert.EndsWith("\n0 of 1 plugins can be used\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_rule_refuses_is_told_wherever_objects_are_looked_at()
    {
        Write("plugins/lua/schema.yaml", "type: object\nproperties:\n  code: {type: string}\nx-kubernetes-validations: [{rule: \"size(self.code) > 1\", message: It is too short, fieldPath: .code}]\n");
        const string Finding = "error OSM4011: Script shop/a spec.code: It is too short. Change the object; it does not count as it is.";

        var validated = await Osm.RunAsync("plugin", "validate", PathOf("plugins"), "--config", PathOf("mesh.yaml"));
        Assert.Equal(2, validated.ExitCode);
        Assert.Contains(Finding, validated.Output, StringComparison.Ordinal);
        Assert.Contains("OSM4011", (await Osm.RunAsync("translate", "--config", PathOf("mesh.yaml"), "--plugins", PathOf("plugins"))).Output, StringComparison.Ordinal);
        Assert.Contains("rule: size(self.code) > 1", (await Osm.RunAsync("plugin", "schema", PathOf("plugins"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_plugin_is_the_same_to_the_byte_and_unpacked_it_has_the_digest_that_a_policy_pins()
    {
        var (first, second) = (PathOf("first.tar.gz"), PathOf("second.tar.gz"));
        var packed = await Osm.RunAsync("plugin", "pack", PathOf("plugins/lua"), "-o", first);
        foreach (var file in Directory.EnumerateFiles(PathOf("plugins/lua")))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddDays(1));
        }

        Write("plugins/lua/README.md", "for people");
        await Osm.RunAsync("plugin", "pack", PathOf("plugins/lua"), "-o", second);
        Assert.Equal(await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(second));

        await using var stream = new System.IO.Compression.GZipStream(File.OpenRead(first), System.IO.Compression.CompressionMode.Decompress);
        Directory.CreateDirectory(PathOf("unpacked"));
        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(stream, PathOf("unpacked"), overwriteFiles: false);
        var digest = packed.Output.Trim().Split("  ")[1];
        Write("unpacked/policy.yaml", $"onlyListed: true\nplugins:\n  lua: {{digest: \"{digest}\"}}\n");

        var list = await Osm.RunAsync("plugin", "list", PathOf("unpacked"));
        Assert.Equal((0, 0), (packed.ExitCode, list.ExitCode));
        Assert.StartsWith($"lua 1.0.0  {digest}", list.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_plugin_is_one_that_a_policy_may_require()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        Write("release.pem", key.ExportECPrivateKeyPem());
        Write("policy.yaml", $"requireSignature: true\ntrustedKeys:\n- name: release\n  publicKey: |\n    {key.ExportSubjectPublicKeyInfoPem().Replace("\n", "\n    ", StringComparison.Ordinal)}\n");

        var before = await Osm.RunAsync("plugin", "list", PathOf("plugins"), "--plugin-policy", PathOf("policy.yaml"));
        var signed = await Osm.RunAsync("plugin", "sign", PathOf("plugins/lua"), "--key", PathOf("release.pem"));
        var after = await Osm.RunAsync("plugin", "list", PathOf("plugins"), "--plugin-policy", PathOf("policy.yaml"));
        Assert.Equal((2, 0, 0), (before.ExitCode, signed.ExitCode, after.ExitCode));
        Assert.Contains("It is not signed", before.Output, StringComparison.Ordinal);

        File.Delete(PathOf("plugins/lua/plugin.sig"));
        var packed = await Osm.RunAsync("plugin", "pack", PathOf("plugins/lua"), "-o", PathOf("lua.tar.gz"), "--sign-key", PathOf("release.pem"));
        Assert.Equal(0, packed.ExitCode);
        await using var stream = new System.IO.Compression.GZipStream(File.OpenRead(PathOf("lua.tar.gz")), System.IO.Compression.CompressionMode.Decompress);
        Directory.CreateDirectory(PathOf("unpacked"));
        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(stream, PathOf("unpacked"), overwriteFiles: false);
        Assert.Equal(0, (await Osm.RunAsync("plugin", "validate", PathOf("unpacked"), "--plugin-policy", PathOf("policy.yaml"))).ExitCode);
    }

    [Fact]
    public async Task A_key_that_cannot_be_used_is_told_and_not_shown()
    {
        Write("release.pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");

        var run = await Osm.RunAsync("plugin", "sign", PathOf("plugins/lua"), "--key", PathOf("release.pem"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("an EC key on P-256 in PEM, without a password, is expected", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", run.Output + run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("plugins/lua/plugin.sig")));
    }

    [Fact]
    public async Task The_schema_of_a_kind_is_printed_as_a_schema_file_says_it()
    {
        var run = await Osm.RunAsync("plugin", "schema", PathOf("plugins"), "--kind", "Script");
        var none = await Osm.RunAsync("plugin", "schema", PathOf("plugins"), "--kind", "Other");

        Assert.Equal((0, 2), (run.ExitCode, none.ExitCode));
        Assert.Equal("# Script, test.osmext.io/v1: spec\ntype: object\nproperties:\n  code:\n    type: string\n", run.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task What_cannot_be_used_is_not_packed()
    {
        Write("plugins/lua/plugin.yaml", "id: [");

        var run = await Osm.RunAsync("plugin", "pack", PathOf("plugins/lua"), "-o", PathOf("x.tar.gz"));

        Assert.Equal(2, run.ExitCode);
        Assert.False(File.Exists(PathOf("x.tar.gz")));
    }

    [Fact]
    public async Task Status_is_a_table_of_plugins_of_objects_and_of_what_is_wrong()
    {
        using var server = new HttpListener();
        var address = TestPage.Listen(server);
        var answering = TestPage.AnswerAsync(server, "/debug/plugins", Status, 2);

        var table = await Osm.RunAsync("plugin", "status", "--debug-address", address);
        Assert.Equal((0, ""), (table.ExitCode, table.Errors));
        var lines = table.Output.Split('\n');
        Assert.Matches("^PLUGIN +VERSION +STATE +CONTRIBUTIONS +BYTES +CALLS +ERRORS +SECONDS +REFUSED +QUARANTINED +DIGEST$", lines[0]);
        Assert.Matches("^lua +1.0.0 +in force in part +2 +340 +7 +1 +0.25 +1 +1 +sha256:0123456789ab$", lines[1]);
        Assert.Matches("^late +- +not loaded +- +- +- +- +- +- +- +-$", lines[2]);
        Assert.Matches("^Script shop/a +lua +no +0 of 3 proxies$", lines[5]);
        Assert.Equal("Script shop/a: error OSM4020: It is to blame. Mend it.", lines[7]);

        var json = await Osm.RunAsync("plugin", "status", "--debug-address", address, "-o", "json");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Status), JsonNode.Parse(json.Output)), json.Output);
        await answering;
    }

    [Theory]
    [InlineData(0, "store", "TrafficTarget", "shop/store")]
    [InlineData(0, "store other", "traffictarget")]
    [InlineData(0, "store other a")]
    [InlineData(2, "", "TrafficTarget", "shop/nosuch")]
    public async Task Objects_of_a_mesh_are_told_by_kind_and_name(int exitCode, string names, params string[] which)
    {
        using var server = new HttpListener();
        var address = TestPage.Listen(server);
        var answering = TestPage.AnswerAsync(server, "/debug/status", ObjectStatuses, 2);

        var table = await Osm.RunAsync(["status", .. which, "--debug-address", address]);
        var yaml = await Osm.RunAsync(["status", .. which, "--debug-address", address, "-o", "yaml"]);

        Assert.Equal((exitCode, exitCode), (table.ExitCode, yaml.ExitCode));
        Assert.Equal(names, string.Join(' ', yaml.Output.Split('\n').Where(line => line.StartsWith("  name: ", StringComparison.Ordinal)).Select(line => line[8..])));
        if (exitCode == 0)
        {
            Assert.Matches("^OBJECT +ACCEPTED +RESOLVEDREFS +PROGRAMMED +CONFLICTED +DEGRADED +PROXIES$", table.Output.Split('\n')[0]);
            Assert.Matches("^TrafficTarget shop/store +True +- +False +- +- +1 of 2$", table.Output.Split('\n')[1]);
            Assert.Contains("TrafficTarget shop/store: Programmed False, Pending, since 2026-11-27T12:00:00Z: 1 of 2\n", table.Output, StringComparison.Ordinal);
        }

        await answering;
    }

    private const string ObjectStatuses = """
        {"objects": [
          {"kind": "TrafficTarget", "namespace": "shop", "name": "store", "status": {"proxies": {"selected": 2, "acknowledged": 1}, "conditions": [
            {"type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "lastTransitionTime": "2026-11-27T12:00:00Z"},
            {"type": "Programmed", "status": "False", "reason": "Pending", "message": "1 of 2", "lastTransitionTime": "2026-11-27T12:00:00Z"}]}},
          {"kind": "TrafficTarget", "namespace": "shop", "name": "other", "status": {"conditions": []}},
          {"kind": "Script", "namespace": "shop", "name": "a", "status": {"conditions": []}}]}
        """;

    private const string Status = """
        {"plugins": [
          {"id": "lua", "version": "1.0.0", "digest": "sha256:0123456789abcdef", "state": "in force in part", "contributions": 2, "bytes": 340, "calls": 7, "errors": 1,
           "seconds": 0.25, "rejections": 1, "quarantined": [{}], "findings": [], "objects": [{"object": "Script shop/a", "accepted": false, "proxies": 3, "acknowledged": 0,
           "findings": [{"code": "OSM4020", "severity": "error", "object": "Script shop/a", "field": "", "message": "It is to blame", "advice": "Mend it"}]}]},
          {"id": "late", "version": null, "state": "not loaded", "findings": []}],
         "broken": [], "diagnostics": []}
        """;

    [Theory]
    [InlineData("plugins/lua/plugin.yaml", "failure: sometimes", "lua/plugin.yaml:1:10: error OSM4001: failure: \"sometimes\" is not known here")]
    [InlineData("plugins/lua/lua.scriban", "a: {{ if }}", "lua/lua.scriban:1:")]
    [InlineData("plugins/lua/lua.scriban", "\"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua\ndefault_source: {}\n", "lua/lua.scriban:2: error OSM4003: Script shop/a default_source")]
    [InlineData("mesh.yaml", "apiVersion: test.osmext.io/v1\nkind: Script\nmetadata: {name: a, namespace: shop}\nspec: {cod: x}\n", "mesh.yaml:4:8: error OSM1003: Script shop/a spec.cod")]
    public async Task What_is_wrong_is_told_with_its_place(string file, string text, string finding)
    {
        Write(file, text);

        var run = await Osm.RunAsync("plugin", "validate", PathOf("plugins/lua"), "--config", PathOf("mesh.yaml"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(finding, run.Output, StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_root.FullName, name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }
}
